package dev.sluice.chassis.http.client;

import org.jspecify.annotations.Nullable;

/** A request under way. Confined to the loop it was sent from. */
public final class HttpClientCall {
  private final HttpClientRequest request;
  private final HttpClientHandler handler;
  private @Nullable HttpClientConnection connection;
  private boolean paused;
  private boolean done;
  private boolean begun;

  HttpClientCall(HttpClientRequest request, HttpClientHandler handler) {
    this.request = request;
    this.handler = handler;
  }

  /** Stops reading; what was read already may still come. */
  public void pause() {
    paused = true;
    if (connection != null) {
      connection.reading(false);
    }
  }

  public void resume() {
    paused = false;
    if (connection != null) {
      connection.reading(true);
    }
  }

  /** Gives the answer up; the handler hears nothing more. */
  public void cancel() {
    if (done) {
      return;
    }
    done = true;
    if (connection != null) {
      connection.drop();
    }
  }

  HttpClientRequest request() {
    return request;
  }

  HttpClientHandler handler() {
    return handler;
  }

  boolean paused() {
    return paused;
  }

  boolean done() {
    return done;
  }

  /** True once a byte of the answer was there. */
  boolean begun() {
    return begun;
  }

  void begin() {
    begun = true;
  }

  void on(@Nullable HttpClientConnection carrier) {
    this.connection = carrier;
  }

  void end() {
    done = true;
    connection = null;
    handler.end();
  }

  void fail(HttpClientException.Reason reason, String message) {
    if (!done) {
      done = true;
      connection = null;
      handler.failed(
          new HttpClientException(
              reason, request.method() + " " + request.server().authority() + ": " + message));
    }
  }
}
