package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One player on one connection that stays open: the playlist, what it lists from the hold-back on,
 * one request at a time, and the playlist again, held by the server until there is more where it
 * can. Nothing is decoded; what has come is thought of as played at its own speed, from the first
 * piece on.
 *
 * <p>Threading: confined to its loop.
 */
final class HlsPlayer extends ChannelInboundHandlerAdapter {
  private static final double NANOS_PER_MS = 1e6;
  private static final int OK = 200;

  private final HlsLoop loop;
  private final Answer answer = new Answer();
  private final Queue<Playlist.Piece> due = new ArrayDeque<>();
  private final long openedNanos = System.nanoTime();
  private @Nullable Channel channel;
  private Playlist.@Nullable Piece fetching;
  private @Nullable Playlist playlist;
  private long lastMsn = -1;
  private int lastPart = -1;
  private long startedNanos;
  private double loadedMs;
  private long windowBytes;
  private long stalls;
  private boolean inWindow;
  private boolean ended;

  HlsPlayer(HlsLoop loop) {
    this.loop = loop;
  }

  boolean playing() {
    return startedNanos != 0 && !ended;
  }

  boolean onItsWay() {
    return startedNanos == 0 && !ended;
  }

  long windowBytes() {
    return windowBytes;
  }

  long stalls() {
    return stalls;
  }

  /** Counts from here on what it receives, if it plays. */
  void startWindow() {
    inWindow = playing();
    windowBytes = 0;
    stalls = 0;
  }

  boolean counted() {
    return inWindow;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    reload(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (inWindow) {
        windowBytes += in.readableBytes();
      }
      while (in.isReadable() && !ended) {
        if (answer.take(in)) {
          whole();
        }
      }
    } catch (IllegalArgumentException e) {
      end(String.valueOf(e.getMessage()));
    } finally {
      in.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end("closed by the server");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(String.valueOf(cause.getMessage()));
  }

  void end(String reason) {
    if (!ended) {
      ended = true;
      loop.failed(reason);
      close();
    }
  }

  void close() {
    ended = true;
    if (channel != null) {
      channel.close();
    }
  }

  private void whole() {
    loop.answered(answer.status());
    if (answer.status() != OK) {
      failed();
      return;
    }
    Playlist.Piece piece = fetching;
    fetching = null;
    if (piece == null) {
      listed(loop.parsed(answer.body(), answer.gzip()));
    } else {
      loaded(piece);
    }
    next();
  }

  /** What hls.js does after an error: the playlist once more, a little later. */
  private void failed() {
    if (playlist == null) {
      end("playlist: status " + answer.status());
      return;
    }
    fetching = null;
    due.clear();
    later(playlist.targetMs() / 2);
  }

  private void listed(Playlist list) {
    int from = 0;
    if (lastMsn < 0) {
      from = list.start();
    }
    for (Playlist.Piece piece : list.pieces().subList(from, list.pieces().size())) {
      if (piece.part() < 0 ? piece.msn() > lastMsn : piece.after(lastMsn, lastPart)) {
        due.add(piece);
        lastMsn = piece.msn();
        lastPart = piece.part();
      }
    }
    playlist = list;
  }

  private void loaded(Playlist.Piece piece) {
    long now = System.nanoTime();
    if (startedNanos == 0) {
      startedNanos = now;
      loop.joined(now - openedNanos);
    } else {
      double lackMs = (now - startedNanos) / NANOS_PER_MS - loadedMs;
      if (lackMs > 0) {
        startedNanos += (long) (lackMs * NANOS_PER_MS);
        stalls += inWindow ? 1 : 0;
      }
    }
    loadedMs += piece.durationMs();
    if (piece.endMs() > 0 && due.isEmpty() && inWindow) {
      loop.came(System.currentTimeMillis() - piece.endMs());
    }
  }

  private void next() {
    Playlist.Piece piece = due.poll();
    Playlist list = playlist;
    if (piece != null) {
      fetching = piece;
      answer.expect(false);
      send(loop.request(piece.uri()));
    } else if (list != null && list.ended()) {
      end("the stream ended");
    } else if (list != null && list.blocks()) {
      reload(true);
    } else if (list != null) {
      later(list.targetMs() / 2);
    }
  }

  private void reload(boolean blocking) {
    answer.expect(true);
    Playlist list = playlist;
    send(blocking && list != null ? loop.reload(list) : loop.reload(null));
  }

  private void later(double ms) {
    var _ = loop.eventLoop().schedule(this::again, (long) ms, TimeUnit.MILLISECONDS);
  }

  private void again() {
    if (!ended) {
      reload(false);
    }
  }

  private void send(String request) {
    Channel to = channel;
    if (to != null) {
      to.writeAndFlush(
          to.alloc()
              .buffer(request.length())
              .writeBytes(request.getBytes(StandardCharsets.US_ASCII)),
          to.voidPromise());
    }
  }
}
