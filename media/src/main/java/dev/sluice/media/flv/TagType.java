package dev.sluice.media.flv;

import org.jspecify.annotations.Nullable;

/** What a tag carries. The codes are the same in FLV and as RTMP message types. */
public enum TagType {
  /** Sound: message and tag type 8. */
  AUDIO(8),
  /** Picture: message and tag type 9. */
  VIDEO(9),
  /** AMF0 script data such as onMetaData: message and tag type 18. */
  SCRIPT(18);

  private final int code;

  TagType(int code) {
    this.code = code;
  }

  /** The FLV tag type and RTMP message type id. */
  public int code() {
    return code;
  }

  /** The type of this code, or null for a code that is no tag type. */
  public static @Nullable TagType of(int code) {
    return switch (code) {
      case 8 -> AUDIO;
      case 9 -> VIDEO;
      case 18 -> SCRIPT;
      default -> null;
    };
  }
}
