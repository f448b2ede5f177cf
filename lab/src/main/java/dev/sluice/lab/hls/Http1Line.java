package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A line of HTTP/1.1. Confined to its loop. */
final class Http1Line extends Line {
  private final Answer answer = new Answer();
  private final Requests requests;

  /**
   * Not connected yet.
   *
   * @param requests those of the loop, shared
   */
  Http1Line(boolean secure, Requests requests, Asker asker) {
    super(secure, asker);
    this.requests = requests;
  }

  @Override
  void ask(String target, boolean keepBody) {
    answer.expect(keepBody);
    send(requests.http1(target));
  }

  @Override
  @Nullable Reply take(ByteBuf in) {
    return answer.take(in) ? new Reply(answer.status(), answer.bodyBytes(), answer.body()) : null;
  }
}
