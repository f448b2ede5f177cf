package dev.sluice.media.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpStream;
import dev.sluice.chassis.http.RequestHead;
import dev.sluice.chassis.http.RequestTarget;
import dev.sluice.chassis.http.Trust;
import dev.sluice.media.fixture.LiveServer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A live stream asked for where requests share a connection. */
class SharedConnectionTest {

  /** A stream without a connection of its own; it takes whole answers only. */
  private static final class Shared implements HttpStream {
    private final EventLoop loop = new EmbeddedChannel().eventLoop();
    private int status;
    private String body = "";

    @Override
    public EventLoop loop() {
      return loop;
    }

    @Override
    public InetSocketAddress remote() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public SocketAddress local() {
      return remote();
    }

    @Override
    public boolean secure() {
      return true;
    }

    @Override
    public boolean connected() {
      return true;
    }

    @Override
    public boolean answered() {
      return status != 0;
    }

    @Override
    public void respond(HttpResponseStatus code, HttpHeaders headers, ByteBuf bytes) {
      status = code.code();
      body = bytes.toString(StandardCharsets.UTF_8);
      bytes.release();
    }

    @Override
    public Bare bare() {
      return null;
    }

    @Override
    public void receive(BodySink sink) {
      throw new AssertionError("no body is asked for");
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public boolean begin(
        HttpResponseStatus code, HttpHeaders headers, long length, AnswerEvents events) {
      throw new AssertionError("no stream is begun");
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void write(ByteBuf bytes) {
      throw new AssertionError("nothing is begun");
    }

    @Override
    public void write(FileRegion region) {
      throw new AssertionError("nothing is begun");
    }

    @Override
    public void flush() {}

    @Override
    public void finish() {}

    @Override
    public void abort(String reason) {}

    @Override
    public void count(String reason) {}
  }

  @ParameterizedTest
  @CsvSource({"GET, ''", "HEAD, ''", "GET, dGhlIHNhbXBsZSBub25jZQ=="})
  void isRefusedWithAWordOfWhatToAskFor(String method, String webSocketKey) throws Exception {
    Shared stream = new Shared();
    HttpHeaders headers = new DefaultHttpHeaders();
    if (!webSocketKey.isEmpty()) {
      headers.set("Sec-WebSocket-Key", webSocketKey);
    }
    RequestTarget target = RequestTarget.parse(method, "/live/a.flv");
    RequestHead head = new RequestHead(method, target, headers, "r-1");
    try (LiveServer server = LiveServer.start()) {
      new HttpFlvHandler(server.hub)
          .handle(new HttpExchange(stream, head, new Trust(List.of(), List.of())));
    }
    assertThat(stream.status).isEqualTo(505);
    assertThat(stream.body).contains("over HTTP/1.1");
  }
}
