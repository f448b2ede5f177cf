package dev.sluice.chassis.http.server;

import static dev.sluice.chassis.http.server.RawHttp2.data;
import static dev.sluice.chassis.http.server.RawHttp2.ping;
import static dev.sluice.chassis.http.server.RawHttp2.raw;
import static dev.sluice.chassis.http.server.RawHttp2.request;
import static dev.sluice.chassis.http.server.RawHttp2.settings;
import static dev.sluice.chassis.http.server.RawHttp2.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever a connection of HTTP/2 or a stream of it stands, it does not stand there for ever. */
@ExtendWith(LeakCheck.class)
class Http2StateTest {
  private Http2Talk talk = Http2Talk.opened(this::routes);
  private HttpExchange waiting;
  private ResponseStream begun;
  private int closed;

  private void routes(Routes routes) {
    routes
        .any("/hello", Http2Talk::answer)
        .any("/silent", exchange -> waiting = exchange)
        .any("/long", exchange -> exchange.respond(200, "video/mp4", new byte[100_000]))
        .any("/echo", ex -> ex.readBody(1000, all -> ex.respond(200, "text/plain", all)))
        .any(
            "/begins",
            exchange -> {
              begun = exchange.begin(200, headers -> {}, -1);
              begun.onClosed(() -> closed++);
            });
  }

  @AfterEach
  void close() {
    talk.close();
  }

  private void windowOf(int bytes) {
    talk.close();
    talk = Http2Talk.opened(this::routes, new Http2Settings().initialWindowSize(bytes));
  }

  private static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 24, 30, 33})
  void anOpeningThatDoesNotEnd(int bytes) {
    byte[] opening = talk.client.opening(new Http2Settings());
    try (Http2Talk other = new Http2Talk(new Routes())) {
      other.send(Arrays.copyOf(opening, bytes));
      assertThat(other.session.state()).isEqualTo(ConnectionState.OPENING);
      other.pass(seconds(9));
      assertThat(other.socket.isOpen()).isTrue();
      other.pass(seconds(3));
      assertThat(other.socket.isOpen()).isFalse();
      assertThat(other.client.goAway()).isEqualTo(Http2Error.SETTINGS_TIMEOUT);
      assertThat(other.errors("slow-head")).isEqualTo(1);
    }
  }

  @Test
  void aHeadThatDoesNotEnd() {
    talk.send(raw(1, 0, 1, new byte[] {(byte) 0x82}));
    assertThat(talk.session.state()).isEqualTo(ConnectionState.HEAD);
    talk.pass(seconds(12));
    assertThat(talk.socket.isOpen()).isFalse();
    assertThat(talk.errors("slow-head")).isEqualTo(1);
  }

  @Test
  void aConnectionThatNobodyUsesThoughItPings() {
    talk.ask(1, "GET", "/hello");
    assertThat(talk.session.state()).isEqualTo(ConnectionState.RESTING);
    for (int i = 0; i < 44; i++) {
      talk.pass(seconds(1));
      talk.send(ping());
    }
    assertThat(talk.socket.isOpen()).isTrue();
    talk.pass(seconds(5));
    assertThat(talk.client.goAway()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(talk.client.lastStream()).isEqualTo(1);
    talk.pass(seconds(5));
    assertThat(talk.socket.isOpen()).isFalse();
  }

  @Test
  void aBodyThatDoesNotCome() {
    talk.send(request(1, false, "POST", "/echo"), data(1, false, "half"));
    talk.pass(seconds(50));
    talk.send(data(1, false, "more"));
    talk.pass(seconds(50));
    assertThat(talk.answer(1).reset()).isNull();
    talk.pass(seconds(15));
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(talk.errors("slow-body")).isEqualTo(1);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void aHandlerThatDoesNotAnswer() {
    talk.send(request(1, true, "GET", "/silent"));
    talk.pass(Duration.ofMinutes(5).minusSeconds(2));
    assertThat(talk.answer(1).status()).isZero();
    talk.pass(seconds(4));
    assertThat(talk.answer(1).status()).isEqualTo(503);
    assertThat(talk.errors("no-answer")).isEqualTo(1);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
    waiting.respond(200, "text/plain", "too late, and harms nothing");
  }

  @Test
  void anAnswerThatDoesNotGoOn() {
    talk.send(request(1, true, "GET", "/begins"));
    talk.pass(Duration.ofMinutes(4));
    begun.write(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII));
    talk.pass(Duration.ofMinutes(4));
    assertThat(talk.answer(1).reset()).isNull();
    talk.pass(Duration.ofMinutes(2));
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(closed).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/long", "/begins"})
  void anAnswerThatNobodyTakes(String path) {
    windowOf(10);
    talk.send(request(1, true, "GET", path), request(3, true, "GET", "/hello"));
    if (path.equals("/begins")) {
      begun.write(Unpooled.copiedBuffer("0123456789", StandardCharsets.US_ASCII));
      talk.hear();
    }
    talk.pass(seconds(50));
    assertThat(talk.answer(3).complete()).as("the other one").isTrue();
    assertThat(talk.answer(1).reset()).isNull();
    talk.pass(seconds(15));
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(talk.errors("slow-reader")).isEqualTo(1);
    assertThat(talk.ask(5, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void anAnswerThatIsDribbledOutIsGoneWithinItsTime() {
    windowOf(0);
    talk.send(request(1, true, "GET", "/long"));
    for (int i = 0; i < 20 && talk.answer(1).reset() == null; i++) {
      talk.send(window(1, 1));
      talk.pass(seconds(30));
    }
    assertThat(talk.answer(1).reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(talk.answer(1).body()).hasSizeLessThan(15);
  }

  @Test
  void aClientThatReadsNothing() {
    talk.socket.peerReads = false;
    talk.send(request(1, true, "GET", "/hello"));
    talk.pass(seconds(70));
    assertThat(talk.socket.isOpen()).isFalse();
  }

  @Test
  void aDrainLetsAnswersEndAndTakesWhatIsOnItsWay() {
    talk.send(request(1, true, "GET", "/silent"));
    talk.serving.drain();
    talk.pass(seconds(1));
    assertThat(talk.client.goAway()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(talk.client.lastStream()).isEqualTo(Integer.MAX_VALUE);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello"); // sent before it heard
    talk.pass(seconds(1));
    assertThat(talk.client.lastStream()).isEqualTo(3);
    assertThat(talk.ask(5, "GET", "/hello").status()).isZero();
    assertThat(talk.socket.isOpen()).isTrue();
    waiting.respond(200, "text/plain", "late");
    talk.hear();
    assertThat(talk.answer(1).text()).isEqualTo("late");
    talk.pass(seconds(8));
    assertThat(talk.socket.isOpen()).isFalse();
  }

  @Test
  void aConnectionThatDrainsWhileNobodyUsesItEnds() {
    talk.serving.drain();
    talk.pass(seconds(8));
    assertThat(talk.socket.isOpen()).isFalse();
    assertThat(talk.client.goAway()).isEqualTo(Http2Error.NO_ERROR);
  }

  @Test
  void settingsThatHoldBackAreLiftedByOthers() {
    windowOf(0);
    talk.send(request(1, true, "GET", "/hello"));
    assertThat(talk.answer(1).complete()).isFalse();
    talk.send(settings(new Http2Settings().initialWindowSize(100)));
    assertThat(talk.answer(1).text()).isEqualTo("hello");
    assertThat(Http2CodecUtil.connectionPrefaceBuf().readableBytes()).isEqualTo(24);
  }
}
