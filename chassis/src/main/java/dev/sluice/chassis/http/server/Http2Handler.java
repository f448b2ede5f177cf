package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.DetachedEvent;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Netty's codec of HTTP/2, told of what it may let through and telling {@link Http2Session} how it
 * went. Confined to the event loop.
 */
final class Http2Handler extends Http2ConnectionHandler {
  /** Requests of one connection at once. */
  static final int MAX_STREAMS = 100;

  /** Of a request body that nobody takes yet. */
  static final int STREAM_WINDOW_BYTES = 512 * 1024;

  /** Of all of them together. */
  static final int CONNECTION_WINDOW_BYTES = 1024 * 1024;

  /** Resets by the client, and apart from them by us for its faults, before it is cut off. */
  static final int MAX_RESETS = 200;

  private static final int RESET_SECONDS = 30;
  private static final int MAX_EMPTY_FRAMES = 8;
  private static final int MAX_SMALL_CONTINUATIONS = 8;
  private static final int MAX_UNSENT_CONTROL_FRAMES = 500;
  private static final int FAREWELL_MILLIS = 2000;

  private final Http2Session session;

  private Http2Handler(
      Http2Session session,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings, true);
    this.session = session;
  }

  /**
   * A codec for one connection.
   *
   * @param maxHeaderBytes of one request's fields, 32 added for each as RFC 9113 counts them
   */
  static Http2Handler create(Http2Session session, int maxHeaderBytes) {
    Http2Connection connection = new DefaultHttp2Connection(true);
    DefaultHttp2RemoteFlowController out =
        new DefaultHttp2RemoteFlowController(
            connection, new UniformStreamByteDistributor(connection), session::writable);
    connection.remote().flowController(out);
    connection.addListener(session);
    return new Builder(session).with(connection, maxHeaderBytes).build();
  }

  /** Every limit that Netty has; {@link FrameScan} has the others. */
  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Handler, Builder> {
    private final Http2Session session;

    Builder(Http2Session session) {
      this.session = session;
    }

    Builder with(Http2Connection connection, int maxHeaderBytes) {
      connection(connection);
      initialSettings(
          new Http2Settings()
              .maxConcurrentStreams(MAX_STREAMS)
              .initialWindowSize(STREAM_WINDOW_BYTES)
              .maxHeaderListSize(maxHeaderBytes));
      validateHeaders(true);
      validateRequiredPseudoHeaders(true);
      frameListener(session);
      headerSensitivityDetector(Http2Heads::isOnce);
      encoderEnforceMaxQueuedControlFrames(MAX_UNSENT_CONTROL_FRAMES);
      encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS);
      decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS);
      decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_FRAMES);
      decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS);
      decoupleCloseAndGoAway(true);
      gracefulShutdownTimeoutMillis(FAREWELL_MILLIS);
      return this;
    }

    @Override
    public Http2Handler build() {
      return super.build();
    }

    @Override
    protected Http2Handler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Handler(session, decoder, encoder, settings);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    super.handlerAdded(ctx);
    session.added(ctx);
    Http2Stream all = connection().connectionStream();
    int more = CONNECTION_WINDOW_BYTES - decoder().flowController().windowSize(all);
    decoder().flowController().incrementWindowSize(all, more);
    ctx.flush();
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception http2Exception) {
    session.failed(cause, http2Exception);
    super.onConnectionError(ctx, outbound, cause, http2Exception);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException exception) {
    Http2Stream stream = connection().stream(exception.streamId());
    if (outbound && (stream == null || stream.state() == Http2Stream.State.CLOSED)) {
      return; // what was to be written when the client had gone
    }
    session.streamFailed(exception);
    super.onStreamError(ctx, outbound, cause, exception);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    super.userEventTriggered(ctx, event);
    if (ConnectionEnd.isOfClient(event)) {
      session.clientEnds();
    } else if (event == DetachedEvent.SERVER_CLOSES) {
      session.sayFarewell();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    session.inactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (cause instanceof IOException) {
      ctx.close();
    } else {
      super.onError(ctx, false, cause);
    }
  }
}
