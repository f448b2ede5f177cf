package dev.sluice.media.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads MPEG-TS strictly: counters, checksums, lengths, and the PES that packets carry. */
final class TsPackets {
  /** One PES. */
  record Pes(int pid, long pts, long dts, boolean randomAccess, long pcr, byte[] data) {}

  final List<Pes> all = new ArrayList<>();
  final List<byte[]> tables = new ArrayList<>();
  int discontinuities;
  private final Map<Integer, Integer> counters = new HashMap<>();
  private final Map<Integer, ByteBuf> open = new HashMap<>();
  private final Map<Integer, Boolean> random = new HashMap<>();
  private final Map<Integer, Long> clocks = new HashMap<>();

  private TsPackets() {}

  static TsPackets read(byte[] bytes) {
    assertThat(bytes.length % 188).isZero();
    TsPackets in = new TsPackets();
    for (int at = 0; at < bytes.length; at += 188) {
      in.packet(Unpooled.wrappedBuffer(bytes, at, 188));
    }
    List.copyOf(in.open.keySet()).forEach(in::endPes);
    return in;
  }

  List<Pes> of(int pid) {
    return all.stream().filter(pes -> pes.pid() == pid).toList();
  }

  private void packet(ByteBuf in) {
    assertThat(in.readByte()).isEqualTo((byte) 0x47);
    int head = in.readUnsignedShort();
    int pid = head & 0x1FFF;
    boolean start = (head & 0x4000) != 0;
    int control = in.readUnsignedByte();
    assertThat(control & 0x10).as("has payload").isNotZero();
    int flags = 0;
    long pcr = -1;
    if ((control & 0x20) != 0) {
      int length = in.readUnsignedByte();
      ByteBuf field = in.readSlice(length);
      if (length > 0) {
        flags = field.readUnsignedByte();
        if ((flags & 0x10) != 0) {
          pcr = field.readUnsignedInt() << 1 | field.readUnsignedShort() >> 15;
        }
        while (field.isReadable()) {
          assertThat(field.readByte()).isEqualTo((byte) 0xFF);
        }
      }
    }
    boolean discontinuous = (flags & 0x80) != 0;
    discontinuities += discontinuous ? 1 : 0;
    Integer before = counters.put(pid, control & 0x0F);
    if (!discontinuous) {
      assertThat(before).as("the first packet of %d says so", pid).isNotNull();
      assertThat(control & 0x0F).as("counter of %d", pid).isEqualTo((before + 1) & 0x0F);
    }
    if (pid == TsWriter.PAT_PID || pid == TsWriter.PMT_PID) {
      table(in);
      return;
    }
    if (start) {
      endPes(pid);
      open.put(pid, Unpooled.buffer());
      random.put(pid, (flags & 0x40) != 0);
      clocks.put(pid, pcr);
    }
    open.get(pid).writeBytes(in);
  }

  private void table(ByteBuf in) {
    assertThat(in.readByte()).isZero();
    int length = 3 + (in.getUnsignedShort(in.readerIndex() + 1) & 0xFFF);
    byte[] table = new byte[length];
    in.readBytes(table);
    int crc = -1;
    for (byte b : table) {
      crc ^= b << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc < 0 ? crc << 1 ^ 0x04C11DB7 : crc << 1;
      }
    }
    assertThat(crc).as("checksum").isZero();
    tables.add(table);
  }

  private void endPes(int pid) {
    ByteBuf pes = open.remove(pid);
    if (pes == null) {
      return;
    }
    assertThat(pes.readUnsignedMedium()).isEqualTo(1);
    pes.skipBytes(1);
    int length = pes.readUnsignedShort();
    assertThat(length == 0 || length == pes.readableBytes()).as("PES length").isTrue();
    pes.skipBytes(1);
    boolean both = (pes.readByte() & 0x40) != 0;
    ByteBuf times = pes.readSlice(pes.readUnsignedByte());
    long pts = time(times);
    long dts = both ? time(times) : pts;
    byte[] data = new byte[pes.readableBytes()];
    pes.readBytes(data);
    all.add(new Pes(pid, pts, dts, random.get(pid), clocks.get(pid), data));
  }

  private static long time(ByteBuf in) {
    long high = in.readByte() >> 1 & 7;
    return high << 30 | (long) (in.readUnsignedShort() >> 1) << 15 | in.readUnsignedShort() >> 1;
  }

  /** The NAL units behind start codes. */
  static List<byte[]> units(byte[] data) {
    List<byte[]> all = new ArrayList<>();
    int from = -1;
    for (int i = 0; i + 4 <= data.length; i++) {
      if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 0 && data[i + 3] == 1) {
        if (from >= 0) {
          all.add(Arrays.copyOfRange(data, from, i));
        }
        from = i + 4;
      }
    }
    if (from >= 0) {
      all.add(Arrays.copyOfRange(data, from, data.length));
    }
    return all;
  }
}
