package dev.sluice.edge.vod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.edge.cache.TestOrigin;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a player that seeks by a new request gets from an edge. */
@ExtendWith(LeakCheck.class)
class FlvSeekHandlerTest {
  private static final String PATH = "/vod/film.flv";
  private static final int SECONDS = 20;

  /** A film of one keyframe a second and the places where they begin. */
  private record Film(byte[] bytes, List<Integer> keyframes) {
    static Film of(int seed) {
      Random random = new Random(seed);
      ByteBuf out = Unpooled.buffer();
      List<Integer> keyframes = new ArrayList<>();
      FlvFormat.writeHeader(out, false, true);
      write(out, 0, new byte[] {0x17, 0, 0, 0, 0}, new byte[20]);
      for (int frame = 0; frame < SECONDS * 10; frame++) {
        boolean key = frame % 10 == 0;
        if (key) {
          keyframes.add(out.readableBytes());
        }
        byte[] picture = new byte[8_000];
        random.nextBytes(picture);
        write(out, frame * 100L, new byte[] {(byte) (key ? 0x17 : 0x27), 1, 0, 0, 0}, picture);
      }
      return new Film(ByteBufUtil.getBytes(out), keyframes);
    }

    private static void write(ByteBuf out, long timeMs, byte[] kind, byte[] rest) {
      FlvTag tag = new FlvTag(TagType.VIDEO, timeMs, Unpooled.wrappedBuffer(kind, rest));
      FlvFormat.writeTag(out, tag, timeMs);
      tag.release();
    }

    byte[] from(int second) {
      return Arrays.copyOfRange(bytes, keyframes.get(second), bytes.length);
    }

    String tag(String etag, int second) {
      return "\"" + etag + "-" + keyframes.get(second) + "\"";
    }
  }

  private static final Film OLD = Film.of(1);
  private static final Film NEW = Film.of(2);

  @TempDir Path dir;
  private EventLoops loops;
  private TestOrigin origin;
  private CacheTestNode node;

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    origin = new TestOrigin(loops);
    origin.files.put(PATH, new TestOrigin.File(OLD.bytes(), "\"old\"", "max-age=60"));
    node =
        new CacheTestNode(
            dir, ByteSize.ofMiB(64), ByteSize.ofMiB(8), loops, new ManualClock(), origin.url());
  }

  @AfterEach
  void stop() {
    node.close();
    origin.close();
    loops.close();
  }

  private static void isCut(View view, Film film, String etag, int second) {
    byte[] rest = film.from(second);
    assertThat(view.status()).isEqualTo(200);
    assertThat(view.header("ETag")).isEqualTo(film.tag(etag, second));
    assertThat(view.header("Accept-Ranges")).isEqualTo("none");
    assertThat(view.header("Content-Type")).isEqualTo("video/x-flv");
    assertThat(view.header("Content-Length")).isEqualTo(Integer.toString(view.body().length));
    assertThat(Arrays.copyOf(view.body(), 3)).asString().isEqualTo("FLV");
    int made = view.body().length - rest.length;
    assertThat(made).isBetween(FlvFormat.HEADER_BYTES, 1000);
    assertThat(Arrays.copyOfRange(view.body(), made, view.body().length)).isEqualTo(rest);
  }

  @Test
  void aSeekByTimeOrPositionGetsTheFileFromTheKeyframeThere() throws Exception {
    isCut(node.get(PATH + "?t=12.7"), OLD, "old", 12);
    isCut(node.get(PATH + "?start=" + (OLD.keyframes().get(7) + 5)), OLD, "old", 7);
    assertThat(node.meters.scrape())
        .contains("sluice_cache_requests_total{result=\"miss\"} 1")
        .contains("sluice_cache_requests_total{result=\"hit\"} 1");
    assertThat(node.cache.deliveries()).isZero();
  }

  @Test
  void aSeekToTheStartAndOneInWhatIsNoFlvGetTheWholeFile() throws Exception {
    assertThat(node.get(PATH + "?t=0").body()).isEqualTo(OLD.bytes());
    byte[] noise = new byte[700_000];
    new Random(3).nextBytes(noise);
    origin.files.put("/vod/noise.flv", new TestOrigin.File(noise, "\"n\"", ""));
    View view = node.get("/vod/noise.flv?t=5");
    assertThat(view.body()).isEqualTo(noise);
    assertThat(view.header("ETag")).isEqualTo("\"n\"");
    assertThat(view.header("Accept-Ranges")).isEqualTo("bytes");
  }

  @Test
  void whoHasACutAlreadyIsNotSentItAgain() throws Exception {
    String tag = OLD.tag("old", 3);
    View view = node.get(PATH + "?t=3", "If-None-Match", tag);
    assertThat(view.status()).isEqualTo(304);
    assertThat(view.header("ETag")).isEqualTo(tag);
    assertThat(view.body()).isEmpty();
    assertThat(node.meters.scrape()).contains("sluice_cache_requests_total{result=\"miss\"} 1");
    assertThat(node.get(PATH + "?t=3", "If-Match", "\"old\"").status()).isEqualTo(412);
  }

  @Test
  void aFileThatChangesWhileAPlaceIsSoughtIsSoughtInAnew() throws Exception {
    assertThat(node.get(PATH, "Range", "bytes=0-9").status()).isEqualTo(206);
    origin.files.put(PATH, new TestOrigin.File(NEW.bytes(), "\"new\"", "max-age=60"));
    isCut(node.get(PATH + "?t=15"), NEW, "new", 15);
  }

  @Test
  void aPlaceThatCannotBeUnderstoodIsRefused() throws Exception {
    View view = node.get(PATH + "?t=soon");
    assertThat(view.status()).isEqualTo(400);
    assertThat(new String(view.body())).contains("bad-seek").contains("soon");
    assertThat(origin.asked).isEmpty();
    assertThat(node.get(PATH + "?t=soon", "CDN-Loop", "test-edge").status()).isEqualTo(508);
  }

  @Test
  void anOriginThatFailsWhileAPlaceIsSoughtIsNamedAsTheCause() throws Exception {
    assertThat(node.get(PATH, "Range", "bytes=0-9").status()).isEqualTo(206);
    origin.broken = 500;
    View view = node.get(PATH + "?t=15");
    assertThat(view.status()).isEqualTo(502);
    assertThat(new String(view.body())).contains("origin-unreachable");
    assertThat(node.meters.scrape()).contains("sluice_cache_requests_total{result=\"error\"} 1");
    assertThat(node.cache.deliveries()).isZero();
  }
}
