package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.Trust;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever a connection stands, it does not stand there for ever. Time is the test's own. */
@ExtendWith(LeakCheck.class)
class ConnectionStateTest {
  private static final HttpLimits LIMITS =
      new HttpLimits(
          1024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          100,
          256 * 1024);
  private static final Duration IDLE = Duration.ofSeconds(45);
  private static final String POST = " HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final Meters meters = new Meters();
  private PeerSocket socket = new PeerSocket();
  private HttpConnection connection = open();
  private ResponseStream begun;
  private HttpExchange waiting;
  private long now = System.nanoTime();

  private HttpConnection open() {
    socket.finishAndReleaseAll();
    socket = new PeerSocket();
    Routes routes =
        new Routes()
            .any("/hello", exchange -> exchange.respond(200, "text/plain", "hello"))
            .any("/silent", exchange -> waiting = exchange)
            .any("/waits", this::readWhole)
            .any("/begins", exchange -> begun = exchange.begin(200, headers -> {}, -1))
            .any("/detach", ConnectionStateTest::detach);
    LoopSweeps sweeps = new LoopSweeps(List.of(socket.eventLoop()));
    HttpServing serving =
        new HttpServing(
            "states", routes, new Trust(List.of(), List.of()), LIMITS, IDLE, meters, sweeps);
    RequestDecoder decoder = new RequestDecoder(1024, 4096);
    connection = new HttpConnection(serving, decoder, socket, 1);
    socket.pipeline().addLast(decoder, connection);
    serving.arrived(connection);
    return connection;
  }

  private void readWhole(HttpExchange exchange) {
    waiting = exchange;
    exchange.readBody(1 << 20, body -> exchange.respond(200, "text/plain", body.length + " bytes"));
  }

  private static void detach(HttpExchange exchange) {
    ChannelInboundHandlerAdapter owner =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
          }
        };
    exchange.bare().detach(200, headers -> {}, false).pipeline().addLast(owner);
  }

  @AfterEach
  void close() {
    socket.peerReads = true;
    socket.finishAndReleaseAll();
    meters.close();
  }

  private void send(String bytes) {
    socket.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
  }

  private String received() {
    StringBuilder text = new StringBuilder();
    for (ByteBuf part; (part = socket.readOutbound()) != null; part.release()) {
      text.append(part.toString(StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  /** Brings the connection into a state, as clients do. */
  private void bring(ConnectionState to) {
    switch (to) {
      case IDLE -> send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
      case HEAD -> send("GET /hello HT");
      case RECEIVING -> send("POST /waits" + POST + "3\r\nabc\r\n");
      case THINKING -> send("GET /silent HTTP/1.1\r\nHost: t\r\n\r\n");
      case ANSWERING -> send("GET /begins HTTP/1.1\r\nHost: t\r\n\r\n");
      case DISCARDING -> send("POST /hello" + POST + "3\r\nabc\r\n");
      case FLUSHING -> {
        socket.peerReads = false;
        send("GET /hello HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
      }
      case LINGERING -> send("POST /hello" + POST.replace("Host", "Connection: close\r\nHost"));
      case OPENING, RESTING, SHARED -> throw new AssertionError("of HTTP/2: Http2StateTest");
      case DETACHED -> {
        socket.peerReads = false;
        send("GET /detach HTTP/1.1\r\nHost: t\r\n\r\n");
        socket.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII));
      }
    }
    assertThat(connection.state()).isEqualTo(to);
  }

  /** Lets the clock run and looks at the connection each second, as the sweep does. */
  private void pass(Duration time) {
    for (long end = now + time.toNanos(); now < end; ) {
      now += TimeUnit.SECONDS.toNanos(1);
      if (socket.isOpen()) {
        connection.sweep(now);
        socket.runPendingTasks();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"OPENING", "RESTING", "SHARED"})
  void everyStateEndsAtItsDeadline(ConnectionState state) {
    bring(state);
    Duration stuck = Duration.ofSeconds(60);
    Duration limit = state.limit(LIMITS, IDLE);
    if (state == ConnectionState.FLUSHING) {
      limit = stuck; // its bytes do not leave at all
    }
    pass(limit.minusSeconds(2));
    assertThat(socket.isOpen()).as("before its deadline").isTrue();
    pass(Duration.ofSeconds(state == ConnectionState.DISCARDING ? 10 : 5)); // it lingers then
    assertThat(socket.isOpen()).as("after its deadline").isFalse();
  }

  /** Says that nothing more comes, in the way of TCP or of TLS. */
  private void endInput(Object event) {
    socket.pipeline().fireUserEventTriggered(event);
    socket.runPendingTasks();
  }

  static Stream<Arguments> halfClosures() {
    return Stream.of(ConnectionState.values())
        .filter(state -> state.compareTo(ConnectionState.DETACHED) <= 0)
        .flatMap(
            state ->
                Stream.of(ChannelInputShutdownEvent.INSTANCE, SslCloseCompletionEvent.SUCCESS)
                    .map(event -> Arguments.of(state, event)));
  }

  @ParameterizedTest
  @MethodSource("halfClosures")
  void aClientThatSaysNothingMoreIsAnsweredAndLetGo(ConnectionState state, Object event) {
    bring(state);
    endInput(event);
    boolean owedAnswer =
        switch (state) {
          case IDLE, HEAD, RECEIVING, DISCARDING, LINGERING, DETACHED -> false;
          case OPENING, RESTING, SHARED -> throw new AssertionError("of HTTP/2: Http2StateTest");
          case THINKING, ANSWERING, FLUSHING -> true;
        };
    assertThat(socket.isOpen()).as("open for its answer").isEqualTo(owedAnswer);
    pass(state.limit(LIMITS, IDLE).plusSeconds(5));
    assertThat(socket.isOpen()).as("after its deadline").isFalse();
  }

  @Test
  void anAnswerThatTakesItsTimeReachesAClientThatSaysNothingMore() {
    bring(ConnectionState.THINKING);
    endInput(ChannelInputShutdownEvent.INSTANCE);
    waiting.respond(200, "text/plain", "late");
    socket.runPendingTasks();
    assertThat(received())
        .startsWith("HTTP/1.1 200")
        .contains("Connection: close")
        .endsWith("late");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void anAnswerUnderWayIsFinishedForAClientThatSaysNothingMore() {
    bring(ConnectionState.ANSWERING);
    endInput(ChannelInputShutdownEvent.INSTANCE);
    pass(Duration.ofMinutes(4));
    begun.write(Unpooled.copiedBuffer("more", StandardCharsets.US_ASCII));
    begun.end();
    socket.runPendingTasks();
    assertThat(received()).startsWith("HTTP/1.1 200").endsWith("4\r\nmore\r\n0\r\n\r\n");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void everyPipelinedRequestIsAnsweredBehindWhichTheClientSaysNothingMore() {
    send("GET /silent HTTP/1.1\r\nHost: t\r\n\r\n");
    HttpExchange first = waiting;
    send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\nGET /silent HTTP/1.1\r\nHost: t\r\n\r\nGET /he");
    endInput(ChannelInputShutdownEvent.INSTANCE);
    first.respond(200, "text/plain", "first");
    waiting.respond(200, "text/plain", "third");
    socket.runPendingTasks();
    assertThat(received()).containsSubsequence("first", "hello", "third");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void anAnswerThatTheClientReadsLateIsNotCutOffByItsOwnEnd() {
    socket.peerReads = false;
    send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    assertThat(connection.state()).isEqualTo(ConnectionState.IDLE);
    endInput(ChannelInputShutdownEvent.INSTANCE);
    assertThat(connection.state()).isEqualTo(ConnectionState.FLUSHING);
    socket.peerReads = true;
    socket.flush();
    socket.runPendingTasks();
    assertThat(received()).endsWith("hello");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void partOfABodyIsNotTakenForTheWhole() {
    bring(ConnectionState.RECEIVING);
    endInput(ChannelInputShutdownEvent.INSTANCE);
    assertThat(received()).isEmpty();
    connection = open();
    send("POST /silent" + POST + "3\r\nabc\r\n"); // whose handler has not looked at it yet
    endInput(ChannelInputShutdownEvent.INSTANCE);
    readWhole(waiting);
    assertThat(received()).isEmpty();
    assertThat(socket.isOpen()).isFalse();
    connection = open();
    send("POST /begins" + POST + "3\r\nabc\r\n"); // and one that never will
    endInput(ChannelInputShutdownEvent.INSTANCE);
    begun.end();
    socket.runPendingTasks();
    assertThat(received()).startsWith("HTTP/1.1 200").endsWith("0\r\n\r\n");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aWholeBodyThatWaitsIsTakenToItsEnd() {
    send("POST /waits HTTP/1.1\r\nHost: t\r\nContent-Length: 6\r\n\r\nabc");
    waiting.pauseBody();
    send("def");
    endInput(ChannelInputShutdownEvent.INSTANCE);
    assertThat(socket.isOpen()).isTrue();
    waiting.resumeBody();
    socket.runPendingTasks();
    assertThat(received()).startsWith("HTTP/1.1 200").endsWith("6 bytes");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aStreamThatBeginsWhenTheClientHasEndedIsNotKeptOpen() {
    bring(ConnectionState.THINKING);
    endInput(ChannelInputShutdownEvent.INSTANCE);
    detach(waiting);
    socket.runPendingTasks();
    assertThat(received()).startsWith("HTTP/1.1 200");
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aRefusedBodyThatNeverEndsIsWaitedForBriefly() {
    send("POST /hello" + POST + "Z");
    assertThat(received()).endsWith("hello");
    pass(Duration.ofSeconds(20));
    assertThat(socket.outputShut).as("closed in two steps, lest the answer be lost").isTrue();
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aHandlerThatNeverAnswersIsAnsweredFor() {
    bring(ConnectionState.THINKING);
    pass(LIMITS.answerTimeout().plusSeconds(2));
    assertThat(received()).startsWith("HTTP/1.1 503").contains("/no-answer");
  }

  @Test
  void aLongAnswerGoesOnAsLongAsItMoves() {
    bring(ConnectionState.ANSWERING);
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofMinutes(4));
      begun.write(Unpooled.copiedBuffer("more", StandardCharsets.US_ASCII));
    }
    assertThat(socket.isOpen()).isTrue();
    begun.end();
    assertThat(connection.state()).isEqualTo(ConnectionState.IDLE);
  }

  @Test
  void aBodyThatNobodyWantsCannotBeDrippedInForEver() {
    bring(ConnectionState.DISCARDING);
    drip(Duration.ofSeconds(70));
    connection = open();
    bring(ConnectionState.LINGERING);
    drip(Duration.ofSeconds(40));
  }

  private void drip(Duration time) {
    for (int i = 0; i < time.toSeconds() && socket.isOpen(); i++) {
      connection.channelRead(
          socket.pipeline().lastContext(),
          new io.netty.handler.codec.http.DefaultHttpContent(Unpooled.EMPTY_BUFFER));
      pass(Duration.ofSeconds(1));
    }
    assertThat(socket.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/hello", "/silent", "/waits", "/begins"})
  void aMalformedChunkEndsTheConnectionWhateverTheAnswerIsAt(String path) {
    send("POST " + path + POST + "Z\r\n");
    switch (path) {
      case "/hello" -> assertThat(received()).startsWith("HTTP/1.1 200").endsWith("hello");
      case "/begins" -> begun.end();
      case "/silent" -> pass(LIMITS.answerTimeout().plusSeconds(10)); // it looks at no body
      default -> assertThat(received()).startsWith("HTTP/1.1 400").contains("/bad-body");
    }
    socket.runPendingTasks();
    assertThat(socket.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/9\r\n\r\n", "\u0001\r\n\r\n", "GET / HTTP/1.1\r\nA B: c\r\n\r\n"})
  void aMalformedHeadBehindAnAnswerEndsTheConnection(String garbage) throws IOException {
    send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n" + garbage);
    assertThat(received()).contains("HTTP/1.1 200").containsPattern("HTTP/1.1 (400|505)");
    pass(Duration.ofSeconds(3));
    assertThat(socket.isOpen()).isFalse();
  }
}
