package dev.sluice.media.hls.live;

/**
 * What a playlist may say of a stream, as {@code EXT-X-STREAM-INF} does.
 *
 * @param bandwidth greatest bits per second of a segment
 * @param average bits per second
 * @param codecs value of {@code CODECS}
 * @param width of the picture; 0 = not known
 * @param height of the picture; 0 = not known
 * @param frameRate pictures per second; 0 = not known
 */
public record HlsVariant(
    long bandwidth, long average, String codecs, int width, int height, double frameRate) {}
