package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.BodySink;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The body of one request on its way to a sink. Confined to the connection's loop. */
final class RequestBody {

  private @Nullable BodySink sink;
  private boolean complete;
  private boolean paused;
  private boolean expectsContinue;
  private long discardedBytes;

  /**
   * A body that nobody takes yet.
   *
   * @param none true if the request has none
   * @param expected true if the client waits for a word before it sends the body
   */
  RequestBody(boolean none, boolean expected) {
    complete = none;
    expectsContinue = !none && expected;
  }

  boolean complete() {
    return complete;
  }

  /** True if the client has not been told to send it. */
  boolean expectsContinue() {
    return expectsContinue;
  }

  boolean paused() {
    return paused && !complete;
  }

  void pause(boolean wanted) {
    paused = wanted;
  }

  /** True while a sink takes what comes. */
  boolean flowing() {
    return sink != null && !paused;
  }

  /** True while a sink takes what comes, or will when it goes on. */
  boolean wanted() {
    return sink != null;
  }

  /** Bytes that nobody wanted. */
  long discardedBytes() {
    return discardedBytes;
  }

  /** Begins the flow; true if the client waits to be told so. */
  boolean start(BodySink to) {
    sink = to;
    boolean tell = expectsContinue;
    expectsContinue = false;
    return tell;
  }

  /**
   * Takes a borrowed part that is well formed.
   *
   * @param last true if it is the end of the body
   * @throws IOException what the sink threw; it hears nothing more
   */
  void take(ByteBuf part, boolean last) throws IOException {
    BodySink to = sink;
    if (last) {
      complete = true;
      sink = null;
    }
    if (to == null) {
      discardedBytes += part.readableBytes();
    } else {
      boolean taken = false;
      try {
        if (part.isReadable()) {
          to.data(part);
        }
        taken = true;
      } finally {
        sink = taken ? sink : null;
      }
      if (last) {
        to.end();
      }
    }
  }

  /** Its framing is broken: nothing of it follows. */
  void breakOff(Throwable cause) {
    complete = true;
    abort(cause);
  }

  void abort(Throwable cause) {
    BodySink to = sink;
    sink = null;
    if (to != null) {
      to.abort(cause);
    }
  }

  /** The answer is complete: what still comes is of no interest. */
  void drop() {
    sink = null;
    paused = false;
  }
}
