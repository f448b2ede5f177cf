package dev.sluice.media.fmp4;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a player must have before the first {@link Fragment}: which tracks there are and how they
 * are coded. Has no edit lists and no samples.
 *
 * <pre>
 * ftyp | moov: mvhd, trak (pictures, id 1), trak (sound, id 2), mvex: trex, trex
 * </pre>
 *
 * <p>A track that MP4 cannot carry is left out, here and in fragments alike; {@link #refusal} says
 * why.
 *
 * <p>Threading: pure.
 */
public final class InitSegment {
  private static final int MOVIE_TIMESCALE = 1000;
  private static final int UNDETERMINED = ('u' - 0x60) << 10 | ('n' - 0x60) << 5 | ('d' - 0x60);
  private static final int ENABLED_IN_MOVIE = 3;
  private static final int SELF_CONTAINED = 1;
  private static final int FULL = 1 << 16;
  private static final int FULL_VOLUME = 1 << 8;
  private static final int IDENTITY_W = 1 << 30;

  static final CodecInfo UNKNOWN = new CodecInfo("unknown", "unknown", 0, 0, 0, 0);

  private InitSegment() {}

  /**
   * Makes it of the sequence headers in force.
   *
   * @param videoHeader of the picture track, borrowed; null without pictures
   * @param audioHeader of the sound track, borrowed; null without sound. MP3 and AC-3 have none:
   *     any frame of the track stands for it, and all frames of a track give the same answer
   * @return null when there is no track that MP4 can carry
   */
  public static byte @Nullable [] of(@Nullable FlvTag videoHeader, @Nullable FlvTag audioHeader) {
    Mp4Track video = Mp4Track.video(videoHeader);
    Mp4Track audio = Mp4Track.audio(audioHeader);
    if (video == null && audio == null) {
      return null;
    }
    ByteBuf bytes = Unpooled.buffer(1024);
    BoxWriter out = new BoxWriter(bytes);
    int ftyp = out.begin("ftyp");
    out.type("iso6").u32(0).type("iso6").type("iso5").type("mp41").end(ftyp);
    int moov = out.begin("moov");
    movieHeader(out, 0);
    if (video != null && videoHeader != null) {
      CodecInfo info = CodecInfo.of(videoHeader);
      track(out, video, info == null ? UNKNOWN : info, Extent.NONE, InitSegment::noSamples);
    }
    if (audio != null) {
      track(out, audio, UNKNOWN, Extent.NONE, InitSegment::noSamples);
    }
    int mvex = out.begin("mvex");
    if (video != null) {
      defaults(out, video);
    }
    if (audio != null) {
      defaults(out, audio);
    }
    out.end(mvex).end(moov);
    return ByteBufUtil.getBytes(bytes);
  }

  /**
   * Why a track is left out, as a sentence for the operator; null when it is carried.
   *
   * @param header a sequence header, or any frame of a codec without one. Borrowed
   */
  public static @Nullable String refusal(FlvTag header) {
    boolean carried =
        header.video() ? Mp4Track.video(header) != null : Mp4Track.audio(header) != null;
    if (carried) {
      return null;
    }
    CodecInfo info = CodecInfo.of(header);
    String codec = info == null ? "unknown" : info.codec();
    String kind = header.video() ? "Pictures" : "Sound";
    return switch (codec) {
      case "h264", "h265", "av1", "vp9", "aac", "opus", "flac", "mp3", "ac3" ->
          "%s of codec %s cannot be put into HLS: the sequence header is cut short or damaged (%d bytes)."
              .formatted(kind, codec, header.payloadBytes());
      default ->
          "%s of codec %s cannot be put into HLS; expected: %s."
              .formatted(
                  kind,
                  codec,
                  header.video() ? "H.264, H.265, AV1 or VP9" : "AAC, MP3, Opus, FLAC or AC-3");
    };
  }

  /**
   * The value of a playlist's {@code CODECS}: the tracks that are carried, pictures first; empty
   * when there are none.
   */
  public static String codecs(@Nullable FlvTag videoHeader, @Nullable FlvTag audioHeader) {
    Mp4Track video = Mp4Track.video(videoHeader);
    Mp4Track audio = Mp4Track.audio(audioHeader);
    String picture = video == null || videoHeader == null ? "" : name(video, videoHeader);
    String sound = audio == null || audioHeader == null ? "" : name(audio, audioHeader);
    return picture.isEmpty() || sound.isEmpty() ? picture + sound : picture + "," + sound;
  }

  private static String name(Mp4Track track, FlvTag header) {
    CodecInfo info = CodecInfo.of(header);
    return switch (track.config().codec()) {
      case MP3 -> "mp4a.40.34";
      case AC3 -> "ac-3";
      case FLAC -> "fLaC";
      case OPUS -> "Opus";
      default -> info == null ? "" : info.rfc6381();
    };
  }

  /**
   * How long a track is.
   *
   * @param delayMs it begins so long after the film
   * @param ms its length
   * @param units the same in units of the track
   */
  record Extent(long delayMs, long ms, long units) {
    static final Extent NONE = new Extent(0, 0, 0);
  }

  static void movieHeader(BoxWriter out, long ms) {
    int mvhd = out.begin("mvhd", 0, 0);
    out.zeros(4 + 4).u32(MOVIE_TIMESCALE).u32((int) ms).u32(FULL).u16(FULL_VOLUME).zeros(2 + 8);
    matrix(out).zeros(6 * 4).u32(Mp4Track.AUDIO_ID + 1).end(mvhd);
  }

  private static BoxWriter matrix(BoxWriter out) {
    return out.u32(FULL).zeros(12).u32(FULL).zeros(12).u32(IDENTITY_W);
  }

  /**
   * Writes a track.
   *
   * @param tables writes where its samples are
   */
  static void track(
      BoxWriter out, Mp4Track track, CodecInfo picture, Extent extent, Consumer<BoxWriter> tables) {
    boolean video = track.frames() == null;
    int trak = out.begin("trak");
    int tkhd = out.begin("tkhd", 0, ENABLED_IN_MOVIE);
    out.zeros(4 + 4).u32(track.id()).zeros(4).u32((int) (extent.delayMs() + extent.ms()));
    out.zeros(8).u16(0).u16(0);
    out.u16(video ? 0 : FULL_VOLUME).zeros(2);
    matrix(out);
    out.u32(video ? SampleEntries.width(picture) << 16 : 0);
    out.u32(video ? SampleEntries.height(picture) << 16 : 0).end(tkhd);
    if (extent.delayMs() > 0) {
      int edts = out.begin("edts");
      int elst = out.begin("elst", 0, 0);
      out.u32(2).u32((int) extent.delayMs()).u32(-1).u32(FULL);
      out.u32((int) extent.ms()).u32(0).u32(FULL).end(elst).end(edts);
    }
    int mdia = out.begin("mdia");
    boolean wide = extent.units() > Integer.MAX_VALUE;
    int mdhd = out.begin("mdhd", wide ? 1 : 0, 0);
    out.zeros(wide ? 16 : 8).u32(track.timescale());
    if (wide) {
      out.u64(extent.units());
    } else {
      out.u32((int) extent.units());
    }
    out.u16(UNDETERMINED).u16(0).end(mdhd);
    int hdlr = out.begin("hdlr", 0, 0);
    out.u32(0).type(video ? "vide" : "soun").zeros(12 + 1).end(hdlr);
    int minf = out.begin("minf");
    int kind = video ? out.begin("vmhd", 0, 1) : out.begin("smhd", 0, 0);
    out.zeros(video ? 8 : 4).end(kind);
    int dinf = out.begin("dinf");
    int dref = out.begin("dref", 0, 0);
    int url = out.u32(1).begin("url ", 0, SELF_CONTAINED);
    out.end(url).end(dref).end(dinf);
    sampleTable(out, track, picture, tables);
    out.end(minf).end(mdia).end(trak);
  }

  private static void sampleTable(
      BoxWriter out, Mp4Track track, CodecInfo picture, Consumer<BoxWriter> tables) {
    int stbl = out.begin("stbl");
    int stsd = out.begin("stsd", 0, 0);
    out.u32(1);
    if (track.frames() == null) {
      SampleEntries.video(out, track, picture);
    } else {
      SampleEntries.audio(out, track);
    }
    out.end(stsd);
    tables.accept(out);
    out.end(stbl);
  }

  private static void noSamples(BoxWriter out) {
    int stts = out.begin("stts", 0, 0);
    int stsc = out.u32(0).end(stts).begin("stsc", 0, 0);
    int stsz = out.u32(0).end(stsc).begin("stsz", 0, 0);
    int stco = out.u32(0).u32(0).end(stsz).begin("stco", 0, 0);
    out.u32(0).end(stco);
  }

  private static void defaults(BoxWriter out, Mp4Track track) {
    int trex = out.begin("trex", 0, 0);
    out.u32(track.id()).u32(1).zeros(4 + 4 + 4).end(trex);
  }
}
