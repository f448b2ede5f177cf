package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Looks for the first slice among the NAL units of a picture and says whether any other picture
 * refers to it. Expects four-byte lengths, and says no when they do not fit. Pure.
 *
 * <pre>
 * H.264   forbidden 1 | nal_ref_idc 2 | type 5                        (section 7.3.1)
 * H.265   forbidden 1 | type 6 | layer 6 | temporal id + 1, 3 bits    (section 7.3.1.2)
 * </pre>
 */
final class NalUnits {
  private static final int MAX_UNITS_SEEN = 8;
  private static final int AVC_SLICE = 1;
  private static final int HEVC_FIRST_NO_SLICE = 32;
  private static final int HEVC_LAST_SUB_LAYER_TYPE = 14;
  private static final int NOT_FOUND = -1;

  private NalUnits() {}

  /**
   * nal_ref_idc 0; all slices of a picture agree. HEVC sent under the AVC codec id never matches:
   * its NAL header byte is even, that of an AVC slice is odd.
   */
  static boolean unreferencedAvc(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_UNITS_SEEN && at != NOT_FOUND && body.writerIndex() - at > 4; i++) {
      int header = body.getByte(at + 4);
      if ((header & 0x1F) == AVC_SLICE) {
        return (header & 0x60) == 0;
      }
      at = next(body, at);
    }
    return false;
  }

  /**
   * A sub-layer non-reference picture (types 0, 2, 4 ... 14, table 7-1). Pictures of higher
   * temporal sub-layers may still refer to one, so only those of the lowest count: one that its own
   * sub-layer does not need is a B picture there, which nothing is built on. Streams without
   * sub-layers have the lowest only.
   */
  static boolean unreferencedHevc(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_UNITS_SEEN && at != NOT_FOUND && body.writerIndex() - at > 5; i++) {
      int type = body.getByte(at + 4) >> 1 & 0x3F;
      if (type < HEVC_FIRST_NO_SLICE) {
        boolean lowest = (body.getByte(at + 5) & 7) == 1;
        return lowest && type <= HEVC_LAST_SUB_LAYER_TYPE && (type & 1) == 0;
      }
      at = next(body, at);
    }
    return false;
  }

  private static int next(ByteBuf body, int at) {
    int length = body.getInt(at);
    return length <= 0 || length > body.writerIndex() - at - 4 ? NOT_FOUND : at + 4 + length;
  }
}
