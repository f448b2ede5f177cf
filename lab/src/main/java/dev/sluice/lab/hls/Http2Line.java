package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A line of HTTP/2, one stream behind the other. Confined to its loop. */
final class Http2Line extends Line {
  private final Http2Answer answer = new Http2Answer();
  private final Requests requests;
  private int stream = -1;

  /**
   * Not connected yet.
   *
   * @param requests those of the loop, shared
   */
  Http2Line(Requests requests, Asker asker) {
    super(true, asker);
    this.requests = requests;
  }

  @Override
  void greet() {
    send(Http2Frames.greeting());
  }

  @Override
  void ask(String target, boolean keepBody) {
    boolean first = stream < 0;
    stream += 2;
    answer.expect(stream, keepBody);
    send(Http2Frames.onStream(requests.http2(target, first), stream));
  }

  @Override
  @Nullable Reply take(ByteBuf in) {
    boolean whole = answer.take(in);
    byte[] due = answer.due();
    if (due.length > 0) {
      send(due);
    }
    return whole ? new Reply(answer.status(), answer.bodyBytes(), answer.body()) : null;
  }
}
