package dev.sluice.media.fmp4;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.Tool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A clip that ffmpeg made, as tags: read from FLV, or, of codecs that ffmpeg 5 does not write into
 * FLV, from MP4 and wrapped as Enhanced RTMP does it.
 */
record Clip(FlvTag video, FlvTag audio, List<FlvTag> tags, Path source) {
  private static final int SECONDS = 4;

  /** Encodes a test picture, a tone, or both. */
  static Clip make(Path dir, String format, String... codecs) throws Exception {
    boolean picture = Arrays.asList(codecs).contains("-c:v");
    boolean sound = Arrays.asList(codecs).contains("-c:a");
    Path file = dir.resolve("clip." + format);
    List<String> command = new ArrayList<>(List.of("-y"));
    if (picture) {
      command.addAll(List.of("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"));
    }
    if (sound) {
      command.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"));
    }
    command.addAll(List.of("-t", "" + SECONDS));
    command.addAll(List.of(codecs));
    if (format.equals("mp4")) {
      command.addAll(List.of("-movflags", "frag_keyframe+delay_moov+default_base_moof"));
      command.addAll(List.of("-use_editlist", "0", "-strict", "-2"));
    }
    command.addAll(List.of("-f", format, file.toString()));
    ffmpeg(dir, command);
    return format.equals("flv") ? ofFlv(file) : ofMp4(file);
  }

  /** Runs ffmpeg; what it prints at level error is returned, and must be empty for most. */
  static String ffmpeg(Path dir, List<String> options) throws Exception {
    return run(dir, Tool.require("ffmpeg"), "-nostdin", options);
  }

  /** Runs ffprobe with options and returns its answer. */
  static String ffprobe(Path dir, String... options) throws Exception {
    return run(dir, Tool.require("ffprobe"), "-hide_banner", List.of(options));
  }

  private static String run(Path dir, String program, String first, List<String> options)
      throws Exception {
    Path log = Files.createTempFile(dir, "run", ".log");
    List<String> command = new ArrayList<>(List.of(program, first, "-v", "error"));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(300, TimeUnit.SECONDS)) {
        throw new AssertionError("still running: " + command);
      }
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(log);
    if (process.exitValue() != 0) {
      throw new AssertionError(command + ": " + said);
    }
    return said;
  }

  private static Clip ofFlv(Path file) throws IOException {
    List<FlvTag> tags = new ArrayList<>();
    ByteBuf bytes = Unpooled.wrappedBuffer(Files.readAllBytes(file));
    try (FlvReader reader = new FlvReader()) {
      reader.feed(bytes, tag -> tags.add(tag.retain()));
    }
    FlvTag video = null;
    FlvTag audio = null;
    List<FlvTag> media = new ArrayList<>();
    for (FlvTag tag : tags) {
      if (tag.sequenceHeader()) {
        video = tag.video() ? tag : video;
        audio = tag.audio() ? tag : audio;
      } else if (!tag.script() && tag.payloadBytes() > 5) {
        media.add(tag);
        boolean mp3 = tag.audio() && tag.payload().getUnsignedByte(0) >> 4 == 2;
        audio = mp3 && audio == null ? tag : audio;
      } else {
        tag.release();
      }
    }
    return new Clip(video, audio, media, file);
  }

  private static Clip ofMp4(Path path) throws IOException {
    byte[] file = Files.readAllBytes(path);
    Mp4Boxes all = Mp4Boxes.read(file);
    FlvTag video = null;
    FlvTag audio = null;
    List<FlvTag> media = new ArrayList<>();
    for (Mp4Boxes trak : all.at("moov").all("trak")) {
      int id = trak.at("tkhd").content().getInt(12);
      long scale = trak.at("mdia/mdhd").content().getInt(12);
      Mp4Boxes entry = trak.at("mdia/minf/stbl/stsd").inside().getFirst();
      byte[] config = config(entry);
      boolean sound = trak.at("mdia/minf").has("smhd");
      String codec = entry.type().equals("hev1") ? "hvc1" : entry.type();
      if (sound) {
        audio = tag(TagType.AUDIO, 0, Wire.join(new byte[] {(byte) 0x90}, ascii(codec), config));
      } else {
        video = tag(TagType.VIDEO, 0, Wire.join(new byte[] {(byte) 0x90}, ascii(codec), config));
      }
      for (Mp4Boxes moof : all.all("moof")) {
        for (Mp4Boxes traf : moof.all("traf")) {
          if (traf.trackId() == id) {
            for (Mp4Boxes.Sample sample : traf.samples(moof.from() - 8)) {
              media.add(
                  sound ? sound(file, codec, scale, sample) : picture(file, codec, scale, sample));
            }
          }
        }
      }
    }
    if (audio != null
        && audio.payload().toString(1, 4, StandardCharsets.ISO_8859_1).equals("ac-3")) {
      FlvTag first = media.stream().filter(FlvTag::audio).findFirst().orElseThrow();
      audio.release();
      audio = first;
    }
    media.sort(Comparator.comparingLong(FlvTag::timestampMs));
    return new Clip(video, audio, media, path);
  }

  /** What an Enhanced RTMP sequence header has, from the box of MP4. */
  private static byte[] config(Mp4Boxes entry) {
    for (Mp4Boxes box : entry.inside()) {
      switch (box.type()) {
        case "avcC", "hvcC", "av1C" -> {
          return box.bytes();
        }
        case "vpcC" -> {
          return box.content().hasRemaining()
              ? Arrays.copyOfRange(box.bytes(), 4, box.bytes().length)
              : box.bytes();
        }
        case "dOps" -> {
          ByteBuffer in = box.content();
          in.get();
          byte[] head = Wire.join(ascii("OpusHead"), Wire.hex("01 00 0000 00000000 0000 00"));
          ByteBuffer out = ByteBuffer.wrap(head).order(java.nio.ByteOrder.LITTLE_ENDIAN);
          out.position(9);
          out.put(in.get()).putShort(in.getShort()).putInt(in.getInt()).putShort(in.getShort());
          return head;
        }
        case "dfLa" -> {
          return Wire.join(ascii("fLaC"), Arrays.copyOfRange(box.bytes(), 4, box.bytes().length));
        }
        default -> {}
      }
    }
    return new byte[0];
  }

  private static FlvTag picture(byte[] file, String codec, long scale, Mp4Boxes.Sample sample) {
    boolean key = (sample.flags() & 1 << 16) == 0;
    boolean timed = !codec.equals("av01") && !codec.equals("vp09");
    int first = 0x80 | (key ? 0x10 : 0x20) | 1;
    byte[] body = Arrays.copyOfRange(file, sample.offset(), sample.offset() + sample.bytes());
    int composition = (int) Math.round(sample.composition() * 1000.0 / scale);
    byte[] offset =
        timed
            ? new byte[] {(byte) (composition >> 16), (byte) (composition >> 8), (byte) composition}
            : new byte[0];
    return tag(
        TagType.VIDEO,
        Math.round(sample.decode() * 1000.0 / scale),
        Wire.join(new byte[] {(byte) first}, ascii(codec), offset, body));
  }

  private static FlvTag sound(byte[] file, String codec, long scale, Mp4Boxes.Sample sample) {
    byte[] body = Arrays.copyOfRange(file, sample.offset(), sample.offset() + sample.bytes());
    return tag(
        TagType.AUDIO,
        Math.round(sample.decode() * 1000.0 / scale),
        Wire.join(new byte[] {(byte) 0x91}, ascii(codec), body));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static FlvTag tag(TagType type, long timestampMs, byte[] body) {
    return new FlvTag(type, timestampMs, Wire.buffer(body));
  }

  void release() {
    tags.forEach(FlvTag::release);
    for (FlvTag header : new FlvTag[] {video, audio}) {
      if (header != null && header.sequenceHeader()) {
        header.release();
      }
    }
  }
}
