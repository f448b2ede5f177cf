package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MP4 files whose tables are in order but ask for more than any film needs. */
class Mp4LiesTest {
  private static final byte[] AVC =
      ByteBufUtil.decodeHexDump("0142c01effe1000a6742c01ed900a047fec801000468cb83cb");
  private static final int MANY = 1 << 22;

  private static void box(ByteBuf out, String type, Consumer<ByteBuf> content) {
    int at = out.writerIndex();
    out.writeInt(0).writeCharSequence(type, StandardCharsets.US_ASCII);
    content.accept(out);
    out.setInt(at, out.writerIndex() - at);
  }

  /** A film of pictures alone. */
  private static final class Film {
    private int timescale = 1000;
    private int samples = 4;
    private int bytesEach = 1;
    private int durationEach = 1000;
    private int inChunk = 4;
    private int mediaBytes = MANY;
    private boolean sized;

    private ByteBuf moov() {
      ByteBuf out = Unpooled.buffer();
      box(out, "mvhd", b -> b.writeInt(0).writeLong(0).writeInt(1000).writeInt(0));
      box(out, "trak", trak -> box(trak, "mdia", this::media));
      return out;
    }

    private void media(ByteBuf mdia) {
      box(mdia, "mdhd", b -> b.writeInt(0).writeLong(0).writeInt(timescale).writeInt(0));
      box(mdia, "hdlr", b -> b.writeLong(0).writeCharSequence("vide", StandardCharsets.US_ASCII));
      box(mdia, "minf", minf -> box(minf, "stbl", this::tables));
    }

    private void tables(ByteBuf stbl) {
      box(
          stbl,
          "stsd",
          b ->
              box(
                  b.writeInt(0).writeInt(1),
                  "avc1",
                  entry -> box(entry.writeZero(78), "avcC", c -> c.writeBytes(AVC))));
      box(stbl, "stts", b -> b.writeInt(0).writeInt(1).writeInt(samples).writeInt(durationEach));
      box(stbl, "stsz", this::sizes);
      box(stbl, "stsc", b -> b.writeInt(0).writeInt(1).writeInt(1).writeInt(inChunk).writeInt(1));
      int chunks = (samples + inChunk - 1) / inChunk;
      box(stbl, "stco", b -> b.writeInt(0).writeInt(chunks).writeZero(4 * chunks));
    }

    private void sizes(ByteBuf stsz) {
      stsz.writeInt(0).writeInt(sized ? 0 : bytesEach).writeInt(samples);
      for (int i = 0; sized && i < samples; i++) {
        stsz.writeInt(bytesEach);
      }
    }

    /** Looks at the file; its media are never there. */
    private Mp4Opening opened() {
      ByteBuf moov = moov();
      Mp4Opening opening = new Mp4Opening(moov.readableBytes() + 8L + mediaBytes);
      ByteBuf file = Unpooled.buffer();
      box(file, "moov", b -> b.writeBytes(moov));
      while (!opening.done()) {
        int from = (int) opening.position();
        opening.look(file.slice(from, Math.min(opening.bytes(), file.writerIndex() - from)));
      }
      return opening;
    }
  }

  @Test
  void fourPicturesInOneChunkAreAFilm() {
    Mp4Opening opening = new Film().opened();
    assertThat(opening.movie()).as(opening.refusal()).isNotNull();
    Mp4Film film = Mp4Film.of(opening.movie(), null, 1000);
    assertThat(film).isNotNull();
    assertThat(film.segments().all()).hasSize(4);
    assertThat(film.init()).isNotEmpty();
  }

  /** A file of 4 MB that would cost a gigabyte in objects. */
  @Test
  void aSegmentOfMillionsOfTinyPicturesIsNotMade() {
    Film film = new Film();
    film.samples = MANY;
    film.inChunk = MANY;
    film.timescale = 1_000_000;
    film.durationEach = 1;
    Mp4Opening opening = film.opened();
    assertThat(opening.movie()).as(opening.refusal()).isNotNull();
    assertThat(Mp4Film.of(opening.movie(), null, 1000)).isNull();
  }

  /** A file of 4 MB whose playlist would have 200 MB. */
  @Test
  void aPlaylistOfMillionsOfSegmentsIsNotMade() {
    Film film = new Film();
    film.samples = MANY;
    film.inChunk = 1;
    film.durationEach = 4000;
    Mp4Opening opening = film.opened();
    assertThat(opening.movie()).as(opening.refusal()).isNotNull();
    assertThat(Mp4Film.of(opening.movie(), null, 1000)).isNull();
  }

  /** Where each begins was added up from the chunk's first: hours of one processor. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allPicturesOfAFilmMayLieInOneChunk(boolean sized) {
    Film film = new Film();
    film.sized = sized;
    film.samples = MANY;
    film.inChunk = MANY;
    film.timescale = 60;
    film.durationEach = 1;
    Mp4Opening opening = film.opened();
    assertThat(opening.movie()).as(opening.refusal()).isNotNull();
    Mp4Film cut = Mp4Film.of(opening.movie(), null, 4000);
    assertThat(cut).isNotNull();
    int last = cut.segments().all().size() - 1;
    Mp4Fragment fragment = new Mp4Fragment(cut, last);
    assertThat(fragment.reads().getFirst().position()).isEqualTo(last * 240L);
  }

  @Test
  void aFilmOfAThousandYearsIsRefused() {
    Film film = new Film();
    film.timescale = 1;
    film.durationEach = -1;
    Mp4Opening opening = film.opened();
    assertThat(opening.movie()).isNull();
    assertThat(opening.refusal()).contains("(expected: at most ").endsWith(".");
  }

  /** It was a playlist of one segment of a millisecond. */
  @Test
  void aFilmWhosePicturesAllComeAtOnceIsRefused() {
    Film film = new Film();
    film.durationEach = 0;
    Mp4Opening opening = film.opened();
    assertThat(opening.movie()).isNull();
    assertThat(opening.refusal()).contains("durations of 4 samples: 0 (expected: some above 0)");
  }
}
