package dev.sluice.chassis.http.server;

import static dev.sluice.chassis.http.server.RawHttp2.request;
import static dev.sluice.chassis.http.server.RawHttp2.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many answers to one client of HTTP/2, whose line is slow. */
@ExtendWith(LeakCheck.class)
class Http2TurnsTest {
  private static final int STREAMS = 30;
  private static final int FILM = 400_000;
  private static final int PIECE = 16_384;

  private final List<ResponseStream> reading = new ArrayList<>();
  private final Http2Talk talk =
      Http2Talk.opened(this::routes, new Http2Settings().initialWindowSize(1 << 20));

  private void routes(Routes routes) {
    routes
        .any("/film", Http2TurnsTest::film)
        .any("/aside", exchange -> reading.add(exchange.begin(200, headers -> {}, FILM)))
        .any("/hello", Http2Talk::answer);
  }

  private static void film(HttpExchange exchange) {
    ResponseStream to = exchange.begin(200, headers -> {}, FILM);
    Runnable write =
        () -> {
          while (to.isOpen() && to.isWritable()) {
            int left = (int) (FILM - to.written());
            to.write(Unpooled.wrappedBuffer(new byte[Math.min(PIECE, left)]));
            if (left <= PIECE) {
              to.end();
            }
          }
        };
    to.onWritable(write);
    write.run();
  }

  @AfterEach
  void close() {
    talk.close();
  }

  private void ask() {
    for (int i = 0; i < STREAMS; i++) {
      talk.send(request(2 * i + 1, true, "GET", "/film"));
    }
  }

  private long count(IntPredicate of) {
    return IntStream.range(0, STREAMS).map(i -> 2 * i + 1).filter(of).count();
  }

  private int bytes(int stream) {
    return talk.answer(stream).body().length;
  }

  @Test
  void eachGetsItsTurnAndNoneIsCutForWaiting() {
    ask();
    for (int second = 0; second < 30; second++) {
      talk.send(window(0, 100_000));
      talk.pass(Duration.ofSeconds(1));
    }
    assertThat(count(stream -> bytes(stream) == 0)).as("with nothing").isZero();
    int most = IntStream.range(0, STREAMS).map(i -> bytes(2 * i + 1)).max().orElseThrow();
    assertThat(most).isLessThan(3 * 3_000_000 / STREAMS);
    for (int second = 0; second < 100; second++) {
      talk.send(window(0, 100_000));
      talk.pass(Duration.ofSeconds(1));
    }
    assertThat(count(stream -> bytes(stream) == FILM && talk.answer(stream).complete()))
        .isEqualTo(STREAMS);
  }

  @Test
  void oneThatItsClientHoldsBackIsNotInTheWayAndIsCut() {
    try (Http2Talk held =
        Http2Talk.opened(this::routes, new Http2Settings().initialWindowSize(30_000))) {
      held.send(window(0, 1 << 24));
      for (int i = 0; i < STREAMS; i++) {
        held.send(request(2 * i + 1, true, "GET", "/film"));
      }
      int last = 2 * STREAMS - 1;
      for (int second = 0; second < 30; second++) {
        held.send(window(last, 20_000));
        held.pass(Duration.ofSeconds(2));
      }
      assertThat(held.answer(last).body()).hasSize(FILM);
      assertThat(held.answer(last).complete()).isTrue();
      held.pass(Duration.ofSeconds(10));
      assertThat(held.answer(1).reset()).isEqualTo(Http2Error.CANCEL);
      assertThat(held.errors("slow-reader")).isEqualTo(STREAMS - 1);
      assertThat(held.ask(last + 2, "GET", "/hello").text()).isEqualTo("hello");
    }
  }

  @Test
  void noneIsRefusedBecauseFilesAreReadAside() {
    talk.send(window(0, 1 << 24));
    for (int i = 0; i < STREAMS; i++) {
      talk.send(request(2 * i + 1, true, "GET", "/aside"));
    }
    talk.socket.peerReads = false;
    reading.forEach(to -> to.write(Unpooled.wrappedBuffer(new byte[4 * PIECE])));
    assertThat(talk.ask(99, "GET", "/hello").reset()).isNull();
    talk.socket.peerReads = true;
    talk.socket.flush();
    talk.hear();
    assertThat(talk.answer(99).text()).isEqualTo("hello");
  }

  @Test
  void thoseOfAClientThatTakesNothingAreCut() {
    ask();
    talk.pass(Duration.ofMinutes(30));
    assertThat(count(stream -> talk.answer(stream).reset() == Http2Error.CANCEL))
        .isEqualTo(STREAMS);
  }
}
