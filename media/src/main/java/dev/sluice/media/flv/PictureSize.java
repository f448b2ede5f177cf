package dev.sluice.media.flv;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;

/**
 * The size of a picture as onMetaData tells it, for codecs whose sequence headers do not (AV1, VP9
 * and others, as far as we read them).
 *
 * @param width pixels, 0 when unknown
 * @param height pixels, 0 when unknown
 */
public record PictureSize(int width, int height) {
  /** Of a picture whose size nobody told. */
  public static final PictureSize UNKNOWN = new PictureSize(0, 0);

  private static final int MAX_PIXELS = 1 << 16;

  /** What metadata tells; {@link #UNKNOWN} when it lacks either side or exaggerates. */
  public static PictureSize of(ScriptData metadata) {
    int width = side(metadata, "width");
    int height = side(metadata, "height");
    return width == 0 || height == 0 ? UNKNOWN : new PictureSize(width, height);
  }

  /** What a tag tells if it is onMetaData that can be read. Borrows it. */
  public static PictureSize of(FlvTag tag) {
    if (!tag.script() || !ScriptData.isMetadata(tag.payload())) {
      return UNKNOWN;
    }
    try {
      ScriptData metadata = ScriptData.decode(tag.payload(), AmfLimits.DEFAULT);
      return metadata == null ? UNKNOWN : of(metadata);
    } catch (AmfException e) {
      return UNKNOWN; // what cannot be read tells nothing
    }
  }

  /** Whether it was told. */
  public boolean known() {
    return width > 0;
  }

  private static int side(ScriptData metadata, String name) {
    AmfValue value = metadata.properties().get(name);
    double pixels = value == null ? 0 : value.asNumber(0);
    return pixels >= 1 && pixels <= MAX_PIXELS ? (int) pixels : 0;
  }
}
