package dev.sluice.edge.cache;

import org.jspecify.annotations.Nullable;

/**
 * What the head of an origin's answer says of a file, and is said on to viewers. Pure.
 *
 * @param etag as the origin sent it; null = none
 * @param lastModified as the origin sent it; null = none
 * @param length bytes of the whole file
 * @param cacheControl as the origin sent it; null = none
 * @param expires as the origin sent it; null = none
 */
record FileHead(
    @Nullable String etag,
    @Nullable String lastModified,
    long length,
    String contentType,
    @Nullable String cacheControl,
    @Nullable String expires) {}
