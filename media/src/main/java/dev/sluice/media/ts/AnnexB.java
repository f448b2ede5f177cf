package dev.sluice.media.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * Rewrites pictures of H.264 and H.265 from NAL units with lengths, as in FLV and MP4, to NAL units
 * with start codes (annex B of both), each picture with a delimiter, and keyframes with the
 * parameter sets of the sequence header.
 *
 * <p>A unit that says it is longer than what is there ends the picture before it.
 *
 * <p>Pure; immutable.
 */
final class AnnexB {
  private static final int START_CODE = 1;
  private static final int AVC_DELIMITER = 9;
  private static final int HEVC_DELIMITER = 35;
  private static final int HVCC_LENGTH_SIZE = 21;
  private static final int HVCC_ARRAYS = 22;

  private final boolean hevc;
  private final int lengthBytes;
  private final byte[] parameterSets;

  private AnnexB(boolean hevc, int lengthBytes, byte[] parameterSets) {
    this.hevc = hevc;
    this.lengthBytes = lengthBytes;
    this.parameterSets = parameterSets;
  }

  /** Reads an AVCDecoderConfigurationRecord. */
  static AnnexB avc(byte[] record) {
    ByteBuf in = Unpooled.wrappedBuffer(record);
    List<ByteBuf> sets = new ArrayList<>();
    int lengthBytes = (in.getByte(4) & 3) + 1;
    in.readerIndex(5);
    takeSets(in, in.readByte() & 0x1F, sets);
    if (in.isReadable()) {
      takeSets(in, in.readUnsignedByte(), sets);
    }
    return new AnnexB(false, lengthBytes, withStartCodes(sets));
  }

  /** Reads an HEVCDecoderConfigurationRecord. */
  static AnnexB hevc(byte[] record) {
    ByteBuf in = Unpooled.wrappedBuffer(record);
    List<ByteBuf> sets = new ArrayList<>();
    int lengthBytes = (in.getByte(HVCC_LENGTH_SIZE) & 3) + 1;
    in.readerIndex(HVCC_ARRAYS);
    for (int arrays = in.readUnsignedByte(); arrays > 0 && in.readableBytes() >= 3; arrays--) {
      in.skipBytes(1);
      takeSets(in, in.readUnsignedShort(), sets);
    }
    return new AnnexB(true, lengthBytes, withStartCodes(sets));
  }

  private static void takeSets(ByteBuf in, int count, List<ByteBuf> sets) {
    for (int i = 0; i < count && in.readableBytes() >= 2; i++) {
      int length = in.readUnsignedShort();
      if (length > in.readableBytes()) {
        in.readerIndex(in.writerIndex());
        return;
      }
      sets.add(in.readSlice(length));
    }
  }

  private static byte[] withStartCodes(List<ByteBuf> sets) {
    ByteBuf out = Unpooled.buffer();
    for (ByteBuf set : sets) {
      out.writeInt(START_CODE).writeBytes(set);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /**
   * Writes a picture.
   *
   * @param from where it begins in {@code body}, as an index
   * @param body borrowed
   * @return whether it has any unit
   */
  boolean write(ByteBuf body, int from, int bytes, boolean keyframe, ByteBuf out) {
    delimiter(out);
    if (keyframe) {
      out.writeBytes(parameterSets);
    }
    boolean any = false;
    int at = from;
    int end = from + bytes;
    while (end - at > lengthBytes) {
      long length = length(body, at);
      at += lengthBytes;
      if (length > end - at) {
        break;
      }
      if (length > 0 && !delimits(body.getByte(at))) {
        out.writeInt(START_CODE).writeBytes(body, at, (int) length);
        any = true;
      }
      at += (int) length;
    }
    return any;
  }

  /** A picture of any kind follows. */
  private void delimiter(ByteBuf out) {
    out.writeInt(START_CODE);
    if (hevc) {
      out.writeMedium(HEVC_DELIMITER << 17 | 0x0150);
    } else {
      out.writeShort(AVC_DELIMITER << 8 | 0xF0);
    }
  }

  private boolean delimits(int header) {
    return hevc ? (header >> 1 & 0x3F) == HEVC_DELIMITER : (header & 0x1F) == AVC_DELIMITER;
  }

  private long length(ByteBuf body, int at) {
    long length = 0;
    for (int i = 0; i < lengthBytes; i++) {
      length = length << 8 | body.getUnsignedByte(at + i);
    }
    return length;
  }
}
