package dev.sluice.lab.bench;

import java.nio.charset.StandardCharsets;

/**
 * The publisher's send time inside a video frame, as an H.264 SEI message "user data unregistered"
 * (ISO/IEC 14496-10 annex D.1.7), which servers pass on untouched and decoders ignore.
 *
 * <pre>
 * 0   4 bytes   NAL length 43 (AVCC)
 * 4   06 05 28  SEI, user data unregistered, 40 bytes
 * 7   16 bytes  the marker "SluiceBenchClock" in the place of the UUID
 * 23  16 bytes  hex: System.nanoTime() of the publisher
 * 39   8 bytes  hex: number of the video frame, counting from 0
 * 47  80        end of the SEI
 * </pre>
 *
 * <p>Hex digits need no emulation prevention. The clock is CLOCK_MONOTONIC, the same for all
 * processes of one machine.
 */
final class FrameStamp {
  static final int BYTES = 48;

  private static final byte[] MARKER = "SluiceBenchClock".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PREFIX = {0, 0, 0, BYTES - 4, 6, 5, 40};
  private static final int TIME_DIGITS = 16;
  private static final int FRAME_DIGITS = 8;

  private FrameStamp() {}

  static void write(byte[] body, int at, long nanos, int frame) {
    System.arraycopy(PREFIX, 0, body, at, PREFIX.length);
    int marker = at + PREFIX.length;
    System.arraycopy(MARKER, 0, body, marker, MARKER.length);
    int time = marker + MARKER.length;
    putHex(body, time, TIME_DIGITS, nanos);
    putHex(body, time + TIME_DIGITS, FRAME_DIGITS, frame);
    body[at + BYTES - 1] = (byte) 0x80;
  }

  /** Where the stamp's digits begin in the head of a frame, or -1. */
  static int find(byte[] head, int length) {
    int last = length - MARKER.length - TIME_DIGITS - FRAME_DIGITS;
    for (int at = 0; at <= last; at++) {
      if (head[at] == MARKER[0] && matches(head, at)) {
        return at + MARKER.length;
      }
    }
    return -1;
  }

  static long nanos(byte[] head, int digits) {
    return hex(head, digits, TIME_DIGITS);
  }

  static int frame(byte[] head, int digits) {
    return (int) hex(head, digits + TIME_DIGITS, FRAME_DIGITS);
  }

  private static boolean matches(byte[] head, int at) {
    for (int i = 1; i < MARKER.length; i++) {
      if (head[at + i] != MARKER[i]) {
        return false;
      }
    }
    return true;
  }

  private static void putHex(byte[] body, int at, int digits, long value) {
    for (int i = 0; i < digits; i++) {
      int nibble = (int) (value >>> (4 * (digits - 1 - i))) & 15;
      body[at + i] = (byte) (nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
    }
  }

  private static long hex(byte[] head, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      value = value << 4 | Character.digit(head[i], 16);
    }
    return value;
  }
}
