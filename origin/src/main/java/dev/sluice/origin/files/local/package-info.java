/**
 * Files in a local directory: {@link dev.sluice.origin.files.local.LocalFileStore}. A version
 * becomes visible by a rename (private name, fsync, rename), {@link
 * dev.sluice.origin.files.local.FileIdentity} tells versions apart without reading them, {@link
 * dev.sluice.origin.files.local.ContentHashes} keeps their hashes.
 *
 * <p>Threading: everything here blocks, so it runs on virtual threads and never on an event loop.
 *
 * <p>May import {@code origin.files} and {@code chassis}.
 */
@NullMarked
package dev.sluice.origin.files.local;

import org.jspecify.annotations.NullMarked;
