package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * HEVC made by ffmpeg, with HDR colours, a second picture track and Opus beside it, published as
 * Enhanced RTMP to the origin and played from an edge by viewers that come late.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnhancedRtmpTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int FRAMES = 60;
  private static final int GOP = 30;
  private static final String COLOURS = "9468766331020009636f6c6f72496e666f03000009";
  private static final String SECOND_TRACK = "960061763031 01 810c0c00".replace(" ", "");
  private static final String OPUS_HEAD = "904f7075734f707573486561640102380180bb0000000000";

  private Path dir;
  private DemoFleet fleet;
  private EventLoops loops;
  private EventLoop loop;
  private Hevc hevc;
  private RtmpPush push;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    dir = folder;
    fleet = DemoFleet.start(DemoOptions.FREE);
    loops = EventLoops.create(1);
    loop = loops.next();
    hevc = new Hevc(Ffmpeg.hevc(dir.resolve("picture.hevc"), FRAMES, GOP, LIMIT));
    assertThat(hevc.pictures()).isEqualTo(FRAMES);
    publish();
  }

  @AfterAll
  void stop() throws Exception {
    on(
        () -> {
          push.close();
          return true;
        });
    loops.close();
    fleet.close();
  }

  private void publish() throws Exception {
    boolean[] ready = new boolean[1];
    ClientListener listener =
        new ClientListener() {
          @Override
          public void onReady() {
            ready[0] = true;
          }

          @Override
          public void onEnd(ClientEnd end) {}
        };
    RtmpUrl url = RtmpUrl.parse(fleet.origin().rtmpUrl() + "/live/hdr?key=demo");
    push = on(() -> RtmpPush.start(loops, loop, url, RtmpDeadlines.DEFAULT, listener));
    Await.until(LIMIT, "accepted", () -> call(() -> ready[0]));
    send(hevc.sequenceStart());
    send(tag(TagType.VIDEO, 0, COLOURS));
    send(tag(TagType.VIDEO, 0, SECOND_TRACK));
    send(tag(TagType.AUDIO, 0, OPUS_HEAD));
    for (int i = 0; i < FRAMES; i++) {
      send(hevc.picture(i, i * 40L));
      // A keyframe of the second track comes with each picture: no viewer may begin there.
      send(tag(TagType.VIDEO, i * 40L, "96016176303101" + "1200"));
      send(tag(TagType.AUDIO, i * 40L, "914f707573" + "fc01"));
    }
    Await.until(LIMIT, "all at the origin", () -> mediaTime() >= (FRAMES - 1) * 40L);
  }

  private long mediaTime() {
    return fleet.origin().hub().streams().stream()
        .filter(stream -> stream.key().equals("live/hdr"))
        .mapToLong(stream -> stream.mediaTimeMs())
        .findFirst()
        .orElse(-1);
  }

  @Test
  void aLateViewerOverRtmpGetsEveryTracksHeadersAndPicturesThatDecode() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    ClientListener listener =
        new ClientListener() {
          @Override
          public void onTag(FlvTag tag) {
            bodies.add(ByteBufUtil.hexDump(tag.payload()));
          }

          @Override
          public void onEnd(ClientEnd end) {}
        };
    RtmpUrl url = RtmpUrl.parse(fleet.edge("eu-1").rtmpUrl() + "/live/hdr");
    RtmpPull pull = on(() -> RtmpPull.start(loops, loop, url, RtmpDeadlines.DEFAULT, listener));
    Await.until(LIMIT, "the whole GOP", () -> bodies.size() >= 4 + 3 * GOP);
    on(
        () -> {
          pull.close();
          return true;
        });
    assertHeadersThenPictures(bodies, "rtmp");
  }

  @Test
  void aLateViewerOverHttpGetsTheSame() throws Exception {
    List<String> bodies = new ArrayList<>();
    String url = fleet.edge("eu-1").httpUrl() + "/live/hdr.flv";
    try (InputStream in = URI.create(url).toURL().openStream();
        FlvReader reader = new FlvReader()) {
      byte[] piece = new byte[8192];
      while (bodies.size() < 4 + 3 * GOP) {
        int length = in.read(piece);
        assertThat(length).isPositive();
        reader.feed(
            Unpooled.wrappedBuffer(piece, 0, length),
            tag -> bodies.add(ByteBufUtil.hexDump(tag.payload())));
      }
    }
    assertHeadersThenPictures(bodies, "http");
  }

  private void assertHeadersThenPictures(List<String> bodies, String name) throws Exception {
    FlvTag header = hevc.sequenceStart();
    assertThat(bodies.subList(0, 4))
        .containsExactly(ByteBufUtil.hexDump(header.payload()), COLOURS, SECOND_TRACK, OPUS_HEAD);
    header.release();
    List<byte[]> pictures = new ArrayList<>();
    String hvc1 = HexFormat.of().formatHex("hvc1".getBytes(StandardCharsets.US_ASCII));
    for (String body : bodies.subList(4, bodies.size())) {
      if (body.startsWith(hvc1, 2)) {
        pictures.add(HexFormat.of().parseHex(body));
      }
    }
    assertThat(pictures.getFirst()[0]).as("begins at a keyframe").isEqualTo((byte) 0x91);
    Path file = dir.resolve(name + ".hevc");
    java.nio.file.Files.write(file, hevc.stream(pictures));
    Ffmpeg.Reading reading = Ffmpeg.decode(file.toString(), Duration.ofMinutes(1), LIMIT);
    assertThat(reading.errors()).isEmpty();
    assertThat(reading.frames()).isEqualTo(pictures.size()).isGreaterThanOrEqualTo(GOP - 1);
    assertThat(
            fleet.edge("eu-1").hub().streams().stream()
                .filter(stream -> stream.key().equals("live/hdr"))
                .map(
                    stream ->
                        stream.videoCodec() + " " + stream.width() + " " + stream.audioCodec()))
        .containsExactly("h265 320 opus");
  }

  private static FlvTag tag(TagType type, long timestampMs, String hex) {
    return new FlvTag(type, timestampMs, Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
  }

  private void send(FlvTag tag) throws Exception {
    on(
        () -> {
          push.write(tag, tag.timestampMs());
          push.flush();
          tag.release();
          return true;
        });
  }

  private <T> T on(Callable<T> work) throws Exception {
    return loop.submit(work).get(90, TimeUnit.SECONDS);
  }

  private boolean call(Callable<Boolean> work) {
    try {
      return on(work);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
