package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Looks at the frames of an HTTP/2 connection as they arrive, before anything is made of them:
 * whether the client has opened the connection, whether a header block is on its way, and whether
 * there are more frames that carry nothing than a client has reason for.
 *
 * <p>Such frames (pings, settings, priorities, resets, window updates, empty data, continuations,
 * unknown ones) cost one each of a budget that time, requests and bytes sent fill again. Their use
 * is proportional to these; a flood's is not. Netty counts some of them, and none of those for
 * streams that are closed.
 *
 * <p>Layout of a frame (RFC 9113 section 4.1): length (24 bits), type (8), flags (8), stream (32),
 * payload. Pure: bytes and times in, answers out.
 */
final class FrameScan {
  /** What a client may send at once. */
  static final int MOST = 1000;

  /** What a second of its time brings back. */
  static final int PER_SECOND = 20;

  /** What a request brings. */
  static final int PER_REQUEST = 5;

  /** Bytes sent to the client that bring one. */
  static final int SENT_BYTES = 1024;

  private static final int PREFACE_BYTES = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
  private static final int HEADER_BYTES = Http2CodecUtil.FRAME_HEADER_LENGTH;
  private static final int ACK_OR_END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;

  private int skip = PREFACE_BYTES;
  private int headerBytes;
  private int length;
  private int type;
  private int flags;
  private boolean inPayload;
  private boolean settings;
  private boolean acknowledged;
  private boolean inBlock;
  private long blocks;
  private double budget = MOST;
  private long lastNanos;

  /** Nothing has come yet, the preface is awaited. */
  FrameScan(long nowNanos) {
    lastNanos = nowNanos;
  }

  /** True once the client's settings are there, and its word on ours. */
  boolean opened() {
    return settings && acknowledged;
  }

  /** True from the first byte of a header block's frames to their last. */
  boolean inHead() {
    return inBlock;
  }

  /** Header blocks that have begun. */
  long heads() {
    return blocks;
  }

  /** Bytes go to the client. */
  void sent(int bytes) {
    int whole = bytes / SENT_BYTES;
    budget = Math.min(MOST, budget + whole);
  }

  /**
   * Looks at bytes, without taking them.
   *
   * @return false when there were too many frames for nothing
   */
  boolean read(ByteBuf in, long nowNanos) {
    budget = Math.min(MOST, budget + (nowNanos - lastNanos) * 1e-9 * PER_SECOND);
    lastNanos = nowNanos;
    int at = in.readerIndex();
    while (at < in.writerIndex()) {
      if (skip > 0) {
        int step = Math.min(skip, in.writerIndex() - at);
        skip -= step;
        at += step;
      } else {
        header(in.getByte(at++) & 0xff);
      }
      if (skip == 0 && inPayload) {
        end();
      }
    }
    return budget >= 0;
  }

  /** One byte of a frame's first nine. */
  private void header(int value) {
    switch (headerBytes++) {
      case 0, 1, 2 -> length = ((length << 8) & 0xffffff) | value;
      case 3 -> type = value;
      case 4 -> flags = value;
      default -> {}
    }
    if (headerBytes == HEADER_BYTES) {
      headerBytes = 0;
      skip = length;
      inPayload = true;
      begin();
    }
  }

  private void begin() {
    switch (type) {
      case Http2FrameTypes.HEADERS -> {
        budget = Math.min(MOST, budget + PER_REQUEST);
        inBlock = true;
        blocks++;
      }
      case Http2FrameTypes.DATA -> {
        if (length == 0 && (flags & ACK_OR_END_STREAM) == 0) {
          budget--;
        }
      }
      default -> budget--;
    }
  }

  private void end() {
    inPayload = false;
    length = 0;
    if (type == Http2FrameTypes.SETTINGS) {
      boolean ack = (flags & ACK_OR_END_STREAM) != 0;
      settings |= !ack;
      acknowledged |= ack;
    } else if (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION) {
      inBlock &= (flags & END_HEADERS) == 0;
    }
  }
}
