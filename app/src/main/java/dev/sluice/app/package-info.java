/**
 * The one program: {@link dev.sluice.app.Main} parses the command line, each command is a class of
 * its own, and {@link dev.sluice.app.Foreground} runs a server until the process is told to stop.
 *
 * <p>Threading: commands run on the main thread and may block. May import {@code app.demo}, {@code
 * balancer}, {@code edge}, {@code origin}, {@code node}, {@code media}, {@code chassis}, {@code
 * cluster} and {@code lab}. The only package that imports picocli and logback.
 */
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
