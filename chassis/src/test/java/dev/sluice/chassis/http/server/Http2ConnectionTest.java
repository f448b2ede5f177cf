package dev.sluice.chassis.http.server;

import static dev.sluice.chassis.http.server.RawHttp2.data;
import static dev.sluice.chassis.http.server.RawHttp2.head;
import static dev.sluice.chassis.http.server.RawHttp2.headers;
import static dev.sluice.chassis.http.server.RawHttp2.request;
import static dev.sluice.chassis.http.server.RawHttp2.reset;
import static dev.sluice.chassis.http.server.RawHttp2.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client of HTTP/2 sees of requests that share a connection. */
@ExtendWith(LeakCheck.class)
class Http2ConnectionTest {
  private final Body body = new Body();
  private Http2Talk talk = Http2Talk.opened(this::routes);
  private ResponseStream begun;
  private HttpExchange waiting;
  private String ended = "";

  /** Notes a body, and how it ended. */
  private static final class Body implements BodySink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean complete;
    private Throwable broken;

    @Override
    public void data(ByteBuf borrowed) {
      byte[] part = new byte[borrowed.readableBytes()];
      borrowed.readBytes(part);
      bytes.writeBytes(part);
    }

    @Override
    public void end() {
      complete = true;
    }

    @Override
    public void abort(Throwable cause) {
      broken = cause;
    }
  }

  private void routes(Routes routes) {
    routes
        .any("/hello", Http2Talk::answer)
        .any("/silent", exchange -> waiting = exchange)
        .any("/deaf", Http2Talk::answer)
        .any("/live", HttpExchange::askForHttp1)
        .any("/long", exchange -> exchange.respond(200, "video/mp4", new byte[100_000]))
        .any(
            "/takes",
            exchange -> {
              waiting = exchange;
              exchange.body(body);
            })
        .any("/echo", ex -> ex.readBody(1000, all -> ex.respond(200, "text/plain", all)))
        .any(
            "/begins",
            exchange -> {
              begun = exchange.begin(200, headers -> {}, -1);
              begun.onClosed(() -> ended += "closed");
              begun.onWritable(() -> ended += "writable ");
            });
  }

  private Http2Talk over(Http2Settings settings) {
    talk.close();
    talk = Http2Talk.opened(this::routes, settings);
    return talk;
  }

  @AfterEach
  void close() {
    talk.close();
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void anAnswerHasWhatEveryAnswerHasAndNothingOfAConnection() {
    RawHttp2.Answer answer = talk.ask(1, "GET", "/hello");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.complete()).isTrue();
    assertThat(answer.header("content-length")).isEqualTo("5");
    assertThat(answer.header("x-request-id")).isEqualTo("1-1");
    assertThat(answer.header("access-control-allow-origin")).isEqualTo("*");
    assertThat(answer.header("date")).endsWith("GMT");
    assertThat(answer.head().contains("connection")).isFalse();
    assertThat(talk.ask(3, "GET", "/hello").header("x-request-id")).isEqualTo("1-2");
  }

  @Test
  void aHeadHasNoBody() {
    RawHttp2.Answer answer = talk.ask(1, "HEAD", "/hello");
    assertThat(answer.header("content-length")).isEqualTo("5");
    assertThat(answer.text()).isEmpty();
    assertThat(answer.complete()).isTrue();
  }

  @Test
  void aSlowAnswerHoldsNoOtherBack() {
    talk.send(request(1, true, "GET", "/silent"));
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
    waiting.respond(200, "text/plain", "late");
    talk.hear();
    assertThat(talk.answer(1).text()).isEqualTo("late");
  }

  @Test
  void aBodyIsTakenAndAnswered() {
    talk.send(request(1, false, "POST", "/echo"), data(1, false, "as"), data(1, true, "ked"));
    assertThat(talk.answer(1).text()).isEqualTo("asked");
  }

  @Test
  void trailersEndABody() {
    talk.send(
        request(1, false, "POST", "/echo"),
        data(1, false, "asked"),
        headers(
            1, true, new io.netty.handler.codec.http2.DefaultHttp2Headers(false).add("a", "b")));
    assertThat(talk.answer(1).text()).isEqualTo("asked");
  }

  @Test
  void aClientThatWaitsForAWordIsGivenIt() {
    talk.send(request(1, false, "POST", "/takes", "expect", "100-continue"));
    assertThat(talk.answer(1).status()).isEqualTo(100);
    talk.send(data(1, true, "x"));
    waiting.respond(200, "text/plain", "ok");
    talk.hear();
    assertThat(talk.answer(1).status()).isEqualTo(200);
  }

  @Test
  void aBodyThatIsPausedIsKeptAndNoMoreOfItThanItsWindow() {
    talk.send(request(1, false, "POST", "/takes"), data(1, false, "a"));
    waiting.pauseBody();
    talk.send(data(1, false, "b"), data(1, true, "c"));
    assertThat(body.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("a");
    assertThat(body.complete).isFalse();
    waiting.resumeBody();
    assertThat(body.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("abc");
    assertThat(body.complete).isTrue();
    waiting.respond(200, "text/plain", "ok");
    talk.hear();

    talk.send(request(3, false, "POST", "/takes"));
    waiting.pauseBody();
    byte[] frame = new byte[16_384];
    for (int i = 0; i < Http2Handler.STREAM_WINDOW_BYTES / frame.length; i++) {
      talk.send(data(3, false, frame));
    }
    assertThat(talk.answer(3).reset()).isNull();
    talk.send(data(3, false, "one byte more"));
    assertThat(talk.answer(3).reset()).isEqualTo(Http2Error.FLOW_CONTROL_ERROR);
    assertThat(body.broken).isNotNull();
  }

  @Test
  void whatWasPausedGivesTheClientRoomAgain() {
    talk.send(request(1, false, "POST", "/takes"));
    waiting.pauseBody();
    byte[] frame = new byte[16_384];
    for (int i = 0; i < 32; i++) {
      talk.send(data(1, false, frame));
    }
    assertThat(talk.client.said()).doesNotContain("RST_STREAM");
    int before = talk.client.said().size();
    waiting.resumeBody();
    talk.hear();
    assertThat(talk.client.said().subList(before, talk.client.said().size()))
        .contains("WINDOW_UPDATE");
    assertThat(body.bytes.size()).isEqualTo(32 * 16_384);
  }

  @Test
  void anUploadThatNobodyWantsIsAnsweredAndCalledOff() {
    talk.send(request(1, false, "PUT", "/deaf"), data(1, false, "asked"));
    assertThat(talk.answer(1).text()).isEqualTo("hello");
    assertThat(talk.answer(1).complete()).isTrue();
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void anAnswerComesNoFasterThanItsWindow() {
    over(new Http2Settings().initialWindowSize(1000));
    talk.send(request(1, true, "GET", "/long"));
    assertThat(talk.answer(1).body()).hasSize(1000);
    talk.send(window(1, 500));
    assertThat(talk.answer(1).body()).hasSize(1500);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
    talk.send(window(1, 200_000), window(0, 200_000));
    assertThat(talk.answer(1).body()).hasSize(100_000);
    assertThat(talk.answer(1).complete()).isTrue();
  }

  @Test
  void aHandlerIsToldWhenItMayGoOn() {
    over(new Http2Settings().initialWindowSize(10));
    talk.send(request(1, true, "GET", "/begins"));
    assertThat(begun.isWritable()).isTrue();
    begun.write(text("0123456789abc"));
    assertThat(begun.isWritable()).isFalse();
    ended = "";
    talk.send(window(1, 2));
    assertThat(ended).isEmpty();
    talk.send(window(1, 100));
    assertThat(ended).startsWith("writable");
    begun.end();
    talk.hear();
    assertThat(talk.answer(1).text()).isEqualTo("0123456789abc");
    assertThat(talk.answer(1).complete()).isTrue();
  }

  @Test
  void aClientThatResetsAStreamIsGone() {
    talk.send(request(1, true, "GET", "/begins"));
    begun.write(text("some"));
    talk.hear();
    talk.send(reset(1, Http2Error.CANCEL));
    assertThat(ended).endsWith("closed");
    assertThat(begun.isOpen()).isFalse();
    begun.write(text("more"));
    assertThat(talk.errors("client-gone")).isEqualTo(1);
    talk.send(request(3, false, "POST", "/takes"), data(3, false, "half"));
    talk.send(reset(3, Http2Error.CANCEL));
    assertThat(body.broken).isNotNull();
    assertThat(waiting.answered()).isTrue();
    waiting.respond(200, "text/plain", "nobody hears it");
    talk.hear();
    assertThat(talk.client.said()).doesNotContain("RST_STREAM", "GOAWAY");
    assertThat(talk.ask(5, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void anAnswerThatBreaksOffIsReset() {
    talk.send(request(1, true, "GET", "/begins"));
    begun.abort("on purpose");
    talk.hear();
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.INTERNAL_ERROR);
    assertThat(talk.errors("on purpose")).isEqualTo(1);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void whatOnlyHttp1CanCarryIsAskedForAgainWithIt() {
    assertThat(talk.ask(1, "GET", "/live").reset()).isEqualTo(Http2Error.HTTP_1_1_REQUIRED);
    assertThat(talk.answer(1).status()).isZero();
    assertThat(talk.errors("http1-required")).isEqualTo(1);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void aConnectionThatIsCutEndsEverythingOnIt() {
    talk.send(request(1, true, "GET", "/begins"), request(3, false, "POST", "/takes"));
    talk.socket.close();
    talk.hear();
    assertThat(ended).endsWith("closed");
    assertThat(body.broken).isNotNull();
    assertThat(talk.serving.connections()).isZero();
  }

  @Test
  void aClientThatSaysNothingMoreGetsWhatItAskedFor() {
    talk.send(request(1, true, "GET", "/silent"), request(3, false, "POST", "/takes"));
    talk.send(request(5, true, "GET", "/silent"));
    HttpExchange last = waiting;
    talk.socket
        .pipeline()
        .fireUserEventTriggered(io.netty.channel.socket.ChannelInputShutdownEvent.INSTANCE);
    talk.hear();
    assertThat(talk.answer(3).reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(talk.socket.isOpen()).isTrue();
    last.respond(200, "text/plain", "late");
    talk.hear();
    assertThat(talk.answer(5).text()).isEqualTo("late");
  }

  @Test
  void everySplitOfTheBytesIsTheSame() {
    byte[] opening = talk.client.opening(new Http2Settings());
    byte[] asked =
        talk.client.frames(
            headers(1, false, head("POST", "/echo")), data(1, false, "as"), data(1, true, "ked"));
    byte[] all = Arrays.copyOf(opening, opening.length + asked.length);
    System.arraycopy(asked, 0, all, opening.length, asked.length);
    for (int split = 0; split <= all.length; split++) {
      Routes routes = new Routes();
      routes(routes);
      try (Http2Talk other = new Http2Talk(routes)) {
        other.send(Arrays.copyOf(all, split)).send(Arrays.copyOfRange(all, split, all.length));
        assertThat(other.answer(1).text()).as("split at %d", split).isEqualTo("asked");
        assertThat(other.session.state()).isEqualTo(ConnectionState.RESTING);
      }
    }
  }
}
