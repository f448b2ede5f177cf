package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One publisher being brought to one origin: asked, then sent what the queue holds. Tells the
 * {@link Upstream} what it learns of it.
 *
 * <p>Threading: confined to the publisher's event loop.
 */
final class UpstreamPush implements ClientListener {
  private final ForwardedStream stream;
  private final Upstreams.Choice choice;
  private final GopBuffer queue;
  private final long startNanos = System.nanoTime();
  private final RtmpPush connection;
  private boolean opened;
  private boolean ready;
  private long readyNanos;
  private boolean ended;

  /**
   * Asks the origin, which has admitted us.
   *
   * @param params what the publisher gave with the stream's name
   * @param queue media to send once the origin takes it
   */
  UpstreamPush(
      ForwardedStream stream,
      Upstreams.Choice choice,
      PushForward forward,
      Map<String, String> params,
      EventLoop loop,
      GopBuffer queue) {
    this.stream = stream;
    this.choice = choice;
    this.queue = queue;
    List<String> via = new ArrayList<>(RelayHint.via(params));
    via.add(forward.nodeName());
    Upstream upstream = choice.upstream();
    RtmpUrl url =
        RtmpUrl.of(upstream.address().host(), upstream.address().port(), stream.key())
            .withQuery(query(params))
            .withHint(RelayHint.of(via, false))
            .withTls(forward.relay().tls());
    UpstreamHealth health = upstream.health();
    RelayConfig relay = forward.relay();
    RtmpDeadlines deadlines =
        new RtmpDeadlines(
            health.connectTimeout(relay.connectTimeout()),
            health.commandTimeout(relay.answerTimeout()),
            relay.answerTimeout(),
            relay.mediaTimeout());
    this.connection = RtmpPush.start(forward.loops(), loop, url, deadlines, forward.tls(), this);
  }

  /** What the publisher gave, but for what only nodes say to each other. */
  private static String query(Map<String, String> params) {
    StringBuilder query = new StringBuilder();
    new TreeMap<>(RelayHint.without(params))
        .forEach(
            (name, value) ->
                query
                    .append(query.isEmpty() ? "" : "&")
                    .append(escaped(name))
                    .append('=')
                    .append(escaped(value)));
    return query.toString();
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  Upstream upstream() {
    return choice.upstream();
  }

  /** Why this origin was asked. */
  Upstreams.Why why() {
    return choice.why();
  }

  /** Whether the origin has accepted the stream, be it lost by now. */
  boolean ready() {
    return ready;
  }

  /** How long the stream has gone there; negative = it was never accepted. */
  long sentNanos(long nowNanos) {
    return ready ? nowNanos - readyNanos : -1;
  }

  /** Sends what is queued, as far as the connection takes it. */
  void pump() {
    boolean wrote = false;
    while (ready && connection.writable()) {
      FlvTag tag = queue.next();
      if (tag == null) {
        break;
      }
      connection.write(tag, tag.timestampMs());
      wrote = true;
    }
    if (wrote) {
      connection.flush();
    }
  }

  /**
   * Ends it from this side; the stream is not told.
   *
   * @param politely says that the stream is over, so that the origin does not wait for it
   */
  void close(boolean politely) {
    if (politely) {
      connection.close();
    } else {
      connection.abort();
    }
    if (ready) {
      upstream().streams().decrementAndGet();
    }
    ended = true;
    endAttempt();
  }

  /** Ends the attempt, whatever came of it: others may try. */
  private void endAttempt() {
    if (!opened) {
      opened = true;
      upstream().endAttempt();
    }
  }

  @Override
  public void onConnected(Channel channel) {
    upstream().noteConnected(System.nanoTime() - startNanos);
  }

  @Override
  public void onOpening() {
    upstream().noteAnswer(System.nanoTime());
    endAttempt();
  }

  @Override
  public void onReady() {
    ready = true;
    readyNanos = System.nanoTime();
    stream.onReady(this);
  }

  @Override
  public void onWarning(String description) {
    stream.onWarning(this, description);
  }

  @Override
  public void onWritable() {
    pump();
  }

  @Override
  public void onEnd(ClientEnd end) {
    if (ended) {
      return;
    }
    ended = true;
    long now = System.nanoTime();
    if (!opened) {
      if (UpstreamAnswers.no(end.kind())) {
        upstream().noteAnswer(now);
      } else {
        upstream().noteFailure(startNanos, now);
      }
    } else if (end.kind() == ClientEnd.Kind.LOST || end.kind() == ClientEnd.Kind.TIMEOUT) {
      upstream().noteBreak(now);
    }
    endAttempt();
    stream.onEnd(this, end);
  }

  @Override
  public String toString() {
    return upstream().toString();
  }
}
