package dev.sluice.chassis.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server may stop wherever it likes: the connection to it ends at a deadline. Time is the
 * channel's own. What comes before there is a connection is in {@link HttpClientTest} and {@link
 * HttpClientTlsTest}.
 */
@ExtendWith(LeakCheck.class)
class HttpClientStallsTest {
  private static final HttpClientDeadlines DEADLINES =
      new HttpClientDeadlines(
          Duration.ofSeconds(2),
          Duration.ofSeconds(15),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20));
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final Socket socket = new Socket();
  private final List<HttpClientConnection> idle = new ArrayList<>();
  private final Answer answer = new Answer();
  private final HttpClientConnection connection =
      new HttpClientConnection(socket, DEADLINES, this::keep, stale -> {});

  /** Where a server may stop, what it has sent by then, and when we have had enough. */
  enum Stall {
    TAKES_NO_REQUEST("", "", DEADLINES.firstByte()),
    SENDS_NO_ANSWER("", "", DEADLINES.firstByte()),
    DRIPS_A_HEAD("HTTP/1.1 200 OK\r\nX: ", "x", DEADLINES.firstByte()),
    DRIPS_INTERIM_ANSWERS("", "HTTP/1.1 102 Processing\r\n\r\n", DEADLINES.firstByte()),
    SENDS_NO_BODY("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "", DEADLINES.idle()),
    STOPS_IN_THE_BODY("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "", DEADLINES.idle()),
    DRIPS_A_CHUNKS_LENGTH(CHUNKED, "0", DEADLINES.idle()),
    STOPS_IN_A_CHUNK(CHUNKED + "5\r\nabc", "", DEADLINES.idle()),
    DRIPS_A_TRAILER(CHUNKED + "3\r\nabc\r\n0\r\nX: ", "x", DEADLINES.idle()),
    ENDS_NOT_WHAT_HAS_NO_LENGTH("HTTP/1.1 200 OK\r\n\r\nabc", "", DEADLINES.idle()),
    IS_ASKED_NOTHING_MORE(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", DEADLINES.keepAlive());

    private final String first;
    private final String drip;
    private final Duration limit;

    Stall(String first, String drip, Duration limit) {
      this.first = first;
      this.drip = drip;
      this.limit = limit;
    }
  }

  /** A channel whose peer may take nothing. */
  private static final class Socket extends EmbeddedChannel {
    private boolean peerReads = true;

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (peerReads) {
        super.doWrite(in);
      }
    }
  }

  private static final class Answer implements HttpClientHandler {
    private final StringBuilder saw = new StringBuilder();
    private HttpClientException.@Nullable Reason failure;

    @Override
    public void head(int status, HttpHeaders headers) {
      saw.append(status).append(' ');
    }

    @Override
    public void data(ByteBuf borrowed) {
      saw.append(borrowed.toString(StandardCharsets.US_ASCII));
    }

    @Override
    public void end() {
      saw.append(" end");
    }

    @Override
    public void failed(HttpClientException cause) {
      failure = cause.reason();
    }
  }

  private void keep(HttpClientConnection unused) {
    unused.park();
    idle.add(unused);
  }

  @AfterEach
  void close() {
    socket.peerReads = true;
    socket.finishAndReleaseAll();
  }

  private HttpClientCall ask() {
    socket.freezeTime();
    if (socket.pipeline().get(HttpClientConnection.class) == null) {
      socket.pipeline().addLast(new HttpClientCodec(), connection);
    }
    HttpClientCall call =
        new HttpClientCall(HttpClientRequest.get(URI.create("http://up"), "/x"), answer);
    connection.send(call, false);
    return call;
  }

  private void come(String bytes) {
    if (socket.isOpen() && !bytes.isEmpty()) {
      socket.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
    }
  }

  private void pass(Duration time, String drip) {
    for (long i = 0; i < time.toSeconds(); i++) {
      come(drip);
      socket.advanceTimeBy(1, TimeUnit.SECONDS);
      socket.runScheduledPendingTasks();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionEndsWhereverItsServerStops(Stall stall) {
    socket.peerReads = stall != Stall.TAKES_NO_REQUEST;
    ask();
    come(stall.first);
    pass(stall.limit.minusSeconds(1), stall.drip);
    assertThat(socket.isOpen()).as("before its deadline").isTrue();
    pass(Duration.ofSeconds(2), stall.drip);
    assertThat(socket.isOpen()).as("after its deadline").isFalse();
    if (stall == Stall.IS_ASKED_NOTHING_MORE) {
      assertThat(answer.saw).hasToString("200  end");
      assertThat(answer.failure).isNull();
    } else {
      assertThat(answer.failure)
          .isEqualTo(
              stall.limit.equals(DEADLINES.firstByte())
                  ? HttpClientException.Reason.FIRST_BYTE_TIMEOUT
                  : HttpClientException.Reason.IDLE_TIMEOUT);
    }
  }

  @Test
  void aBodyMayTakeLongAsLongAsItComes() {
    ask();
    come("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    for (int i = 0; i < 9; i++) {
      pass(Duration.ofSeconds(8), "");
      come("x");
    }
    assertThat(answer.saw).hasToString("200 xxxxxxxxx end");
  }

  @Test
  void theServerIsNotBlamedForAPauseOfOurs() {
    HttpClientCall call = ask();
    come("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    call.pause();
    pass(Duration.ofMinutes(5), "");
    assertThat(socket.isOpen()).isTrue();
    call.resume();
    pass(DEADLINES.idle().plusSeconds(1), "");
    assertThat(answer.failure).isEqualTo(HttpClientException.Reason.IDLE_TIMEOUT);
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aKeptConnectionHasTheDeadlinesOfANewOne() {
    ask();
    come("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    pass(DEADLINES.keepAlive().minusSeconds(1), "");
    assertThat(idle).containsExactly(connection);
    ask();
    pass(DEADLINES.firstByte().minusSeconds(1), "");
    assertThat(socket.isOpen()).isTrue();
    pass(Duration.ofSeconds(2), "");
    assertThat(answer.failure).isEqualTo(HttpClientException.Reason.FIRST_BYTE_TIMEOUT);
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void aCallGivenUpTakesItsConnectionAlongWhateverIsUnsent() {
    socket.peerReads = false;
    HttpClientCall call = ask();
    call.cancel();
    assertThat(socket.isOpen()).isFalse();
    assertThat(answer.failure).isNull();
  }
}
