package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** ffmpeg as publisher and as viewer of a session on a plain blocking socket. */
@ExtendWith(LeakCheck.class)
class FfmpegTest {
  private static final int PICTURES = 50;

  /** What one ffmpeg did to the session. */
  private static final class Seen implements ServerEvents {
    final List<FlvTag> tags = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    RtmpServerSession session;
    List<FlvTag> toPlay = List.of();
    Socket socket;

    @Override
    public void onPublish(PublishRequest request) {
      events.add(request.toString());
      session.acceptPublish();
    }

    @Override
    public void onPlay(PlayRequest request) {
      events.add(request + " " + request.start());
      session.acceptPlay();
      for (FlvTag tag : toPlay) {
        ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
        ChunkEncoder.writeTag(out, tag, tag.timestampMs());
        write(socket, out);
      }
      session.endPlay("the end");
    }

    @Override
    public void onTag(FlvTag tag) {
      tags.add(tag.retain());
    }

    @Override
    public void onUnpublish(boolean explicit) {
      events.add("unpublish " + explicit);
    }

    @Override
    public void onGetStreamLength(PlayRequest request, double transaction) {}

    @Override
    public void onStop() {
      events.add("stop");
    }

    void release() {
      tags.forEach(FlvTag::release);
    }
  }

  private static void write(Socket socket, ByteBuf bytes) {
    try {
      socket.getOutputStream().write(Wire.bytes(bytes));
    } catch (IOException e) {
      return; // ffmpeg leaves without waiting for the last answers
    } finally {
      bytes.release();
    }
  }

  /** Runs ffmpeg against a session until it ends; URL is put in place of {@code URL}. */
  private static String run(Seen seen, String... command) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener.setSoTimeout(90_000);
      String url = "rtmp://127.0.0.1:" + listener.getLocalPort() + "/live/a.b?key=x%2Fy";
      String[] full =
          Arrays.stream(command).map(each -> each.replace("URL", url)).toArray(String[]::new);
      Process process = new ProcessBuilder(full).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (Socket socket = listener.accept();
          RtmpServerSession session =
              new RtmpServerSession(RtmpLimits.DEFAULT, bytes -> write(socket, bytes), seen)) {
        socket.setSoTimeout(90_000);
        seen.session = session;
        seen.socket = socket;
        byte[] buffer = new byte[64 << 10];
        for (int n = read(socket, buffer); n >= 0; n = read(socket, buffer)) {
          session.receive(Unpooled.wrappedBuffer(buffer, 0, n), System.nanoTime());
        }
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    }
  }

  private static int read(Socket socket, byte[] buffer) {
    try {
      return socket.getInputStream().read(buffer);
    } catch (IOException e) {
      return -1; // a reset is an end too
    }
  }

  private static Seen published(String offsetSeconds) throws Exception {
    Seen seen = new Seen();
    String pictures = "testsrc2=size=320x180:rate=25:duration=" + PICTURES / 25;
    String tone = "sine=frequency=440:sample_rate=44100:duration=" + PICTURES / 25;
    run(
        seen,
        (Tool.require("ffmpeg")
                + " -hide_banner -loglevel warning -f lavfi -i "
                + pictures
                + " -f lavfi -i "
                + tone
                + " -c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p -c:a aac -ac 2"
                + " -output_ts_offset "
                + offsetSeconds
                + " -f flv URL")
            .split(" "));
    return seen;
  }

  @Test
  void ffmpegPublishesEveryPictureWithHeadersFirst() throws Exception {
    Seen seen = published("0");
    try {
      assertThat(seen.events).containsExactly("publish live/a.b", "unpublish true");
      assertThat(seen.tags.getFirst().script()).isTrue();
      List<FlvTag> pictures =
          seen.tags.stream()
              .filter(t -> t.video() && t.payloadBytes() > 5 && !t.sequenceHeader())
              .toList();
      assertThat(pictures).hasSize(PICTURES);
      assertThat(pictures.stream().filter(FlvTag::keyframe)).hasSize(PICTURES / 25);
      assertThat(pictures.stream().filter(FlvTag::disposable)).isNotEmpty();
      List<CodecInfo> codecs =
          seen.tags.stream().filter(FlvTag::sequenceHeader).map(CodecInfo::of).toList();
      assertThat(codecs)
          .anySatisfy(
              c ->
                  assertThat(c)
                      .returns("h264", CodecInfo::codec)
                      .returns(320, CodecInfo::width)
                      .returns(180, CodecInfo::height));
      assertThat(codecs).contains(new CodecInfo("aac", "mp4a.40.2", 0, 0, 44100, 2));
    } finally {
      seen.release();
    }
  }

  @Test
  void ffmpegPlaysWhatItPublishedPastTheTimestampThatNeedsExtension() throws Exception {
    Seen publisher = published("16777"); // 0xFFFFFF ms are 16777.215 s
    Seen viewer = new Seen();
    viewer.toPlay = publisher.tags;
    try {
      assertThat(publisher.tags.getLast().timestampMs()).isGreaterThan(0xFFFFFF);
      String output =
          run(
              viewer,
              (Tool.require("ffmpeg")
                      + " -hide_banner -loglevel verbose -xerror -err_detect explode"
                      + " -i URL -map 0:v -f null -")
                  .split(" "));
      assertThat(viewer.events).containsExactly("play live/a.b LIVE_OR_RECORDED");
      assertThat(output).contains("frame=   " + PICTURES).doesNotContain("mismatch");
    } finally {
      publisher.release();
    }
  }
}
