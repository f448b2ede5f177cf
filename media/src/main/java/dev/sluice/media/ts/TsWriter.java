package dev.sluice.media.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Cuts tables and packetized elementary streams (PES) into packets of {@value #PACKET_BYTES} bytes.
 *
 * <pre>
 * packet      0x47 | error 1, start 1, priority 1, PID 13 | scrambling 2, adaptation 1, payload 1,
 *             counter 4 | [adaptation] | payload                        (section 2.4.3.2)
 * adaptation  length 8 | discontinuity 1, random access 1, 0, PCR 1, 0000 | [PCR 48] | 0xFF...
 * PES         00 00 01 | stream id 8 | length 16 | 0x84 | PTS 1, DTS 1, 000000 | length 8 |
 *             [PTS 40] | [DTS 40]                                       (section 2.4.3.6)
 * </pre>
 *
 * <p>The first packet of each PID says "discontinuity": what counts packets starts at 0 here, and
 * so a part depends on nothing before it, and players do not take the step for a loss.
 *
 * <p>Pure; one caller. Borrows the buffer.
 */
final class TsWriter {
  static final int PACKET_BYTES = 188;
  private static final int HEAD_BYTES = 4;
  private static final int PAYLOAD_BYTES = PACKET_BYTES - HEAD_BYTES;
  private static final int SYNC = 0x47;
  private static final int DISCONTINUITY = 0x80;
  private static final int RANDOM_ACCESS = 0x40;
  private static final int HAS_PCR = 0x10;
  private static final int PCR_BYTES = 6;
  private static final long TIMES = 1L << 33;
  private static final int ALIGNED = 0x84;
  private static final int PTS_ONLY = 2;
  private static final int PTS_OF_BOTH = 3;
  private static final int DTS_OF_BOTH = 1;
  private static final int CRC_POLYNOMIAL = 0x04C11DB7;

  static final int PAT_PID = 0;
  static final int PMT_PID = 0x1000;
  static final int VIDEO_PID = 0x100;
  static final int AUDIO_PID = 0x101;
  static final int VIDEO_STREAM = 0xE0;
  static final int AUDIO_STREAM = 0xC0;
  static final long NO_PCR = -1;

  private final ByteBuf out;
  private final int[] counters = {-1, -1, -1, -1};

  TsWriter(ByteBuf out) {
    this.out = out;
  }

  /**
   * Writes which streams there are.
   *
   * @param videoType stream type of the pictures; 0 without pictures
   * @param audioType stream type of the sound; 0 without sound
   */
  void tables(int videoType, int audioType) {
    ByteBuf pat = Unpooled.buffer(PACKET_BYTES);
    pat.writeByte(0).writeByte(0).writeShort(0xB000 | 13);
    pat.writeShort(1).writeByte(0xC1).writeShort(0);
    pat.writeShort(1).writeShort(0xE000 | PMT_PID);
    table(PAT_PID, pat);
    int streams = (videoType == 0 ? 0 : 5) + (audioType == 0 ? 0 : 5);
    ByteBuf pmt = Unpooled.buffer(PACKET_BYTES);
    pmt.writeByte(0).writeByte(2).writeShort(0xB000 | 13 + streams);
    pmt.writeShort(1).writeByte(0xC1).writeShort(0);
    pmt.writeShort(0xE000 | (videoType == 0 ? AUDIO_PID : VIDEO_PID)).writeShort(0xF000);
    stream(pmt, videoType, VIDEO_PID);
    stream(pmt, audioType, AUDIO_PID);
    table(PMT_PID, pmt);
  }

  private static void stream(ByteBuf pmt, int type, int pid) {
    if (type != 0) {
      pmt.writeByte(type).writeShort(0xE000 | pid).writeShort(0xF000);
    }
  }

  /** Adds the checksum of what follows the pointer, and fills the packet with 0xFF. */
  private void table(int pid, ByteBuf table) {
    int crc = -1;
    for (int i = 1; i < table.writerIndex(); i++) {
      crc ^= table.getByte(i) << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc < 0 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1;
      }
    }
    table.writeInt(crc);
    int room = PAYLOAD_BYTES - 2; // behind the adaptation field that says "discontinuity"
    while (table.readableBytes() < room) {
      table.writeByte(0xFF);
    }
    packet(pid, true, 0, NO_PCR, table);
  }

  /**
   * Writes a stretch of a stream. Times count in 90 kHz, and wrap here.
   *
   * @param data moved to its end
   * @param pcr the clock to tell; {@link #NO_PCR} for none
   */
  void pes(
      int pid, int streamId, long pts, long dts, boolean randomAccess, long pcr, ByteBuf data) {
    boolean both = pts != dts;
    int times = both ? 10 : 5;
    ByteBuf head = Unpooled.buffer(9 + times);
    int length = 3 + times + data.readableBytes();
    head.writeMedium(1).writeByte(streamId);
    head.writeShort(length > 0xFFFF || pid == VIDEO_PID ? 0 : length);
    head.writeByte(ALIGNED).writeByte(both ? 0xC0 : 0x80).writeByte(times);
    time(head, both ? PTS_OF_BOTH : PTS_ONLY, pts);
    if (both) {
      time(head, DTS_OF_BOTH, dts);
    }
    ByteBuf whole = Unpooled.wrappedBuffer(head, data.slice());
    data.readerIndex(data.writerIndex());
    boolean first = true;
    while (whole.isReadable()) {
      packet(pid, first, first && randomAccess ? RANDOM_ACCESS : 0, first ? pcr : NO_PCR, whole);
      first = false;
    }
  }

  private static void time(ByteBuf head, int prefix, long time) {
    long t = Math.floorMod(time, TIMES);
    head.writeByte(prefix << 4 | (int) (t >> 30) << 1 | 1);
    head.writeShort((int) (t >> 15) << 1 | 1);
    head.writeShort((int) t << 1 | 1);
  }

  /** Writes one packet with as much of the data as there is room for. */
  private void packet(int pid, boolean start, int flags, long pcr, ByteBuf data) {
    int slot = pid == PAT_PID ? 0 : pid == PMT_PID ? 1 : pid == VIDEO_PID ? 2 : 3;
    boolean fresh = counters[slot] < 0;
    counters[slot] = (counters[slot] + 1) & 0x0F;
    int said = flags | (fresh ? DISCONTINUITY : 0) | (pcr == NO_PCR ? 0 : HAS_PCR);
    int adaptation = said == 0 ? 0 : pcr == NO_PCR ? 2 : 2 + PCR_BYTES;
    int payload = Math.min(data.readableBytes(), PAYLOAD_BYTES - adaptation);
    int stuffing = PAYLOAD_BYTES - adaptation - payload;
    boolean field = adaptation + stuffing > 0;
    out.writeByte(SYNC).writeShort((start ? 0x4000 : 0) | pid);
    out.writeByte((field ? 0x30 : 0x10) | counters[slot]);
    if (field) {
      int length = adaptation + stuffing - 1;
      out.writeByte(length);
      if (length > 0) {
        out.writeByte(said);
        if (pcr != NO_PCR) {
          long base = Math.floorMod(pcr, TIMES);
          out.writeInt((int) (base >> 1)).writeShort((int) (base & 1) << 15 | 0x7E00);
        }
        int filler = length - 1 - (pcr == NO_PCR ? 0 : PCR_BYTES);
        for (int i = 0; i < filler; i++) {
          out.writeByte(0xFF);
        }
      }
    }
    out.writeBytes(data, payload);
  }
}
