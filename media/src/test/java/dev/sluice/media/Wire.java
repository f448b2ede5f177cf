package dev.sluice.media;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Protocol bytes as tests write them down, and the pieces in which they may arrive. */
public final class Wire {
  private Wire() {}

  /** Bytes of hex lines; from {@code #} on a line is comment, blanks do not matter. */
  public static byte[] hex(String... lines) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String line : lines) {
      int comment = line.indexOf('#');
      String digits = (comment < 0 ? line : line.substring(0, comment)).replaceAll("\\s", "");
      out.writeBytes(HexFormat.of().parseHex(digits));
    }
    return out.toByteArray();
  }

  /** One array after the other. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** {@code count} bytes that differ from their neighbours. */
  public static byte[] filler(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return bytes;
  }

  /** A pooled buffer that the caller owns. */
  public static ByteBuf buffer(byte[] bytes) {
    return ByteBufAllocator.DEFAULT.buffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  /** The readable bytes; indices unmoved. */
  public static byte[] bytes(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }

  /** Lends the bytes as a buffer and frees it. */
  public static void lend(byte[] bytes, Consumer<ByteBuf> to) {
    ByteBuf buffer = buffer(bytes);
    try {
      to.accept(buffer);
    } finally {
      buffer.release();
    }
  }

  /** Lends the bytes in pieces of at most {@code size}. */
  public static void lendInPieces(byte[] bytes, int size, Consumer<ByteBuf> to) {
    for (int at = 0; at < bytes.length; at += size) {
      lend(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)), to);
    }
  }

  /** Lends the bytes in two pieces. */
  public static void lendSplitAt(byte[] bytes, int index, Consumer<ByteBuf> to) {
    lend(Arrays.copyOfRange(bytes, 0, index), to);
    lend(Arrays.copyOfRange(bytes, index, bytes.length), to);
  }
}
