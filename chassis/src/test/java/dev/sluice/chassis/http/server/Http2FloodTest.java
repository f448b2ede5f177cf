package dev.sluice.chassis.http.server;

import static dev.sluice.chassis.http.server.RawHttp2.data;
import static dev.sluice.chassis.http.server.RawHttp2.head;
import static dev.sluice.chassis.http.server.RawHttp2.ping;
import static dev.sluice.chassis.http.server.RawHttp2.priority;
import static dev.sluice.chassis.http.server.RawHttp2.raw;
import static dev.sluice.chassis.http.server.RawHttp2.request;
import static dev.sluice.chassis.http.server.RawHttp2.reset;
import static dev.sluice.chassis.http.server.RawHttp2.settings;
import static dev.sluice.chassis.http.server.RawHttp2.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that cost a client little and a server much are bounded, and counted. */
@ExtendWith(LeakCheck.class)
class Http2FloodTest {
  private static final byte[] EMPTY = {};

  private final List<HttpExchange> asked = new ArrayList<>();
  private Http2Talk talk = Http2Talk.opened(this::routes);

  private void routes(Routes routes) {
    routes
        .any("/hello", Http2Talk::answer)
        .any("/silent", asked::add)
        .any("/long", exchange -> exchange.respond(200, "video/mp4", new byte[100_000]));
  }

  @AfterEach
  void close() {
    talk.close();
  }

  private void assertCutOff(Http2Error error, String reason) {
    assertThat(talk.socket.isOpen()).as("open").isFalse();
    assertThat(talk.client.goAway()).isEqualTo(error);
    assertThat(talk.errors(reason)).isEqualTo(1);
    assertThat(talk.serving.connections()).isZero();
  }

  private static Arguments flood(String name, IntFunction<byte[]> frame) {
    return Arguments.of(name, frame);
  }

  static Stream<Arguments> floods() {
    RawHttp2 pen = new RawHttp2();
    Http2Settings one = new Http2Settings().initialWindowSize(70_000);
    return Stream.of(
        flood("pings", i -> pen.frames(ping())),
        flood("answers to pings that nobody sent", i -> raw(6, 1, 0, new byte[8])),
        flood("settings", i -> pen.frames(settings(one))),
        flood("words on settings that nobody sent", i -> raw(4, 1, 0, EMPTY)),
        flood("priorities", i -> pen.frames(priority(2 * i + 1))),
        flood("window updates", i -> pen.frames(window(0, 1))),
        flood("window updates of a stream that is over", i -> pen.frames(window(1, 1))),
        flood("resets of a stream that is over", i -> pen.frames(reset(1, Http2Error.CANCEL))),
        flood("frames of no known type", i -> raw(0x42, 0, 0, new byte[3])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  void framesForNothingAreBounded(String name, IntFunction<byte[]> frame) {
    talk.ask(1, "GET", "/hello");
    int sent = 0;
    while (talk.socket.isOpen() && sent < 10_000) {
      talk.send(frame.apply(sent++));
    }
    assertThat(sent).isBetween(FrameScan.MOST / 2, 3 * FrameScan.MOST);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void rapidResetsAreBounded() { // CVE-2023-44487
    int stream = 1;
    for (; talk.socket.isOpen() && stream < 4000; stream += 2) {
      talk.send(request(stream, true, "GET", "/silent"), reset(stream, Http2Error.CANCEL));
    }
    assertThat(asked).hasSizeBetween(1, Http2Handler.MAX_RESETS + 1);
    assertThat(asked).allMatch(HttpExchange::answered);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void resetsThatAClientMakesTheServerSendAreBounded() { // CVE-2025-8671
    int stream = 1;
    for (; talk.socket.isOpen() && stream < 4000; stream += 2) {
      talk.send(request(stream, false, "GET", "/silent"));
      talk.send(raw(8, 0, stream, new byte[4])); // a window update by nothing
    }
    assertThat(asked).hasSizeBetween(1, Http2Handler.MAX_RESETS + 1);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void requestsThatAreMalformedAreBounded() {
    int stream = 1;
    for (; talk.socket.isOpen() && stream < 4000; stream += 2) {
      talk.send(request(stream, true, "GET", "/hello", "connection", "close"));
    }
    assertThat(stream).isLessThan(2 * Http2Handler.MAX_RESETS + 10);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void continuationsAreBounded() { // CVE-2024-27316
    talk.send(raw(1, 0, 1, EMPTY));
    int sent = 0;
    while (talk.socket.isOpen() && sent < 10_000) {
      talk.send(raw(9, 0, 1, new byte[] {0, 1, 'a', 1, 'b'}));
      sent++;
    }
    assertThat(sent).isLessThan(20);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void aHeaderBlockThatNeverEndsIsBoundedBySize() {
    byte[] junk = new byte[9000];
    talk.send(raw(1, 0, 1, junk));
    assertThat(talk.socket.isOpen()).isFalse();
    assertThat(talk.client.goAway()).isNotNull();
  }

  @Test
  void emptyPiecesOfABodyAreBounded() {
    talk.send(request(1, false, "POST", "/silent"));
    int sent = 0;
    while (talk.socket.isOpen() && sent < 10_000) {
      talk.send(data(1, false, EMPTY));
      sent++;
    }
    assertThat(sent).isLessThan(20);
    assertCutOff(Http2Error.ENHANCE_YOUR_CALM, "http2-flood");
  }

  @Test
  void headersAreBoundedAsInHttp1() {
    RawHttp2.Answer answer = talk.ask(1, "GET", "/hello", "x", "y".repeat(4200));
    assertThat(answer.status()).isEqualTo(431);
    assertThat(talk.errors("headers-too-large")).isEqualTo(1);
    assertThat(talk.ask(3, "GET", "/hello").text()).isEqualTo("hello");
    assertThat(talk.ask(5, "GET", "/" + "a".repeat(1100)).status()).isEqualTo(414);
    talk.ask(7, "GET", "/hello", "x", "y".repeat(8000));
    assertCutOff(Http2Error.PROTOCOL_ERROR, "http2-error");
  }

  @Test
  void streamsAtOnceAreBounded() {
    for (int stream = 1; stream <= 2 * Http2Handler.MAX_STREAMS + 1; stream += 2) {
      talk.send(request(stream, true, "GET", "/silent"));
    }
    assertThat(asked).hasSize(Http2Handler.MAX_STREAMS);
    assertThat(talk.answer(2 * Http2Handler.MAX_STREAMS + 1).reset())
        .isEqualTo(Http2Error.REFUSED_STREAM);
    assertThat(talk.errors("http2-refused")).isEqualTo(1);
    asked.getFirst().respond(200, "text/plain", "one goes");
    talk.hear();
    talk.ask(2 * Http2Handler.MAX_STREAMS + 3, "GET", "/silent");
    assertThat(asked).hasSize(Http2Handler.MAX_STREAMS + 1);
  }

  @Test
  void answersThatAClientDoesNotTakeAreBoundedInMemory() {
    talk.close();
    talk = Http2Talk.opened(this::routes, new Http2Settings().initialWindowSize(0));
    int stream = 1;
    while (talk.answer(stream).reset() == null && stream < 200) {
      stream += 2;
      talk.send(request(stream, true, "GET", "/long"));
    }
    assertThat(talk.answer(stream).reset()).isEqualTo(Http2Error.REFUSED_STREAM);
    assertThat(stream / 2 * 100_000).isLessThan(Http2Output.FULL_BYTES + 200_000);
    talk.send(settings(new Http2Settings().initialWindowSize(1 << 20)), window(0, 4 << 20));
    assertThat(talk.ask(stream + 2, "GET", "/hello").text()).isEqualTo("hello");
  }

  @Test
  void streamsThatAreHeldBackDoNotWriteAheadTogether() {
    talk.close();
    List<ResponseStream> begun = new ArrayList<>();
    talk =
        Http2Talk.opened(
            routes ->
                routes.any("/begins", exchange -> begun.add(exchange.begin(200, h -> {}, -1))),
            new Http2Settings().initialWindowSize(10));
    talk.send(window(0, 1 << 30));
    int wrote = 0;
    for (int stream = 1; stream < 60; stream += 2) {
      talk.send(request(stream, true, "GET", "/begins"));
      ResponseStream last = begun.getLast();
      if (last.isWritable()) {
        last.write(Unpooled.wrappedBuffer(new byte[100_000]));
        wrote++;
      }
    }
    assertThat(wrote * 100_000).isBetween(Http2Output.FULL_BYTES, Http2Output.FULL_BYTES + 100_000);
  }

  @Test
  void aClientThatReadsNothingIsSentNoMoreThanItMayAskFor() {
    talk.socket.peerReads = false;
    int sent = 0;
    while (talk.socket.isOpen() && sent < 10_000) {
      talk.send(ping());
      sent++;
    }
    assertThat(sent).isLessThan(FrameScan.MOST);
    assertThat(talk.errors("http2-flood")).isEqualTo(1);
  }

  @Test
  void aClientWithReasonForItsFramesIsLeftAlone() {
    talk.close();
    talk = Http2Talk.opened(this::routes, new Http2Settings().initialWindowSize(200_000));
    for (int stream = 1; stream < 4001; stream += 2) {
      talk.send(ping(), priority(stream), request(stream, true, "GET", "/hello"));
      talk.send(window(0, 5));
      assertThat(talk.answer(stream).text()).isEqualTo("hello");
    }
    for (int i = 0; i < 3000; i++) {
      for (int piece = 0; piece < 10; piece++) {
        talk.send(window(0, 10_000));
      }
      talk.send(request(4001 + 2 * i, true, "GET", "/long"));
      assertThat(talk.answer(4001 + 2 * i).body()).hasSize(100_000);
    }
    assertThat(talk.client.pingAcks()).isEqualTo(2000);
  }

  @Test
  void nothingBeginsWithHttp2WithoutItsPreface() {
    try (Http2Talk other = new Http2Talk(new Routes().any("/hello", Http2Talk::answer))) {
      other.send(
          "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n"
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      assertThat(other.socket.isOpen()).isFalse();
      assertThat(other.errors("http2-error")).isEqualTo(1);
    }
  }

  @Test
  void aHeadThatCannotBeUnpackedEndsTheConnection() {
    talk.send(raw(1, 5, 1, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff}));
    assertCutOff(Http2Error.COMPRESSION_ERROR, "http2-error");
    assertThat(head("GET", "/")).isNotNull();
  }
}
