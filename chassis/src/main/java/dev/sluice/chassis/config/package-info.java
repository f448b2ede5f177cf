/**
 * Configuration: a record says each setting once, with its default, range, unit and meaning ({@link
 * dev.sluice.chassis.config.Setting}). {@link dev.sluice.chassis.config.ConfigLoader} fills such a
 * record from YAML and the environment and names every fault at once; {@link
 * dev.sluice.chassis.config.ConfigReference} writes the manual from the same record.
 *
 * <p>Threading: values are immutable, functions are pure (a secret given as {@code file:/path} is
 * read when loaded). May import nothing of ours. The only package that imports snakeyaml-engine.
 */
@NullMarked
package dev.sluice.chassis.config;

import org.jspecify.annotations.NullMarked;
