package dev.sluice.lab.hls;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A player of what is live: the playlist, what it lists from the hold-back on, one request at a
 * time, and the playlist again, held by the server until there is more where it can. Nothing is
 * decoded; what has come is thought of as played at its own speed, from the first piece on.
 *
 * <p>Threading: confined to its loop.
 */
final class HlsPlayer extends Player {
  private final @Nullable Recording recording;
  private final Queue<Playlist.Piece> due = new ArrayDeque<>();
  private Playlist.@Nullable Piece fetching;
  private @Nullable Playlist playlist;
  private String asked = "";
  private long askedNanos;
  private long lastMsn = -1;
  private int lastPart = -1;
  private double loadedMs;

  /**
   * Has nothing.
   *
   * @param recording what it gets is written down there; null for most
   */
  HlsPlayer(HlsLoop loop, @Nullable Recording recording) {
    super(loop);
    this.recording = recording;
  }

  @Override
  void begin() {
    reload(false);
  }

  @Override
  void startWindow() {
    super.startWindow();
    if (recording != null) {
      recording.begin(playlist == null ? 0 : playlist.holdBackMs());
    }
  }

  @Override
  public void answered(Line.Reply reply) {
    loop().answered(reply.status());
    if (reply.status() != OK) {
      failed(reply.status());
      return;
    }
    Playlist.Piece piece = fetching;
    if (recording != null) {
      recording.took(piece == null, asked, askedNanos, System.nanoTime(), reply.body());
    }
    fetching = null;
    if (piece == null) {
      listed(loop().parsed(reply.body()));
    } else {
      loaded(piece);
    }
    next();
  }

  /** What hls.js does after an error: the playlist once more, a little later. */
  private void failed(int status) {
    if (playlist == null) {
      end("playlist: status " + status);
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
    if (startedNanos() == 0) {
      started(now);
    } else {
      double lackMs = (now - startedNanos()) / NANOS_PER_MS - loadedMs;
      if (lackMs > 0) {
        stalled((long) (lackMs * NANOS_PER_MS));
      }
    }
    loadedMs += piece.durationMs();
    if (piece.endMs() > 0 && due.isEmpty() && counted()) {
      loop().came(System.currentTimeMillis() - piece.endMs());
    }
  }

  private void next() {
    Playlist.Piece piece = due.poll();
    Playlist list = playlist;
    if (piece != null) {
      fetching = piece;
      get(loop().target(piece.uri()), recording != null);
    } else if (list != null && list.ended()) {
      end("the stream ended");
    } else if (list != null && list.blocks()) {
      reload(true);
    } else if (list != null) {
      later(list.targetMs() / 2);
    }
  }

  private void reload(boolean blocking) {
    get(loop().reload(blocking ? playlist : null), true);
  }

  private void get(String target, boolean keepBody) {
    asked = target;
    askedNanos = System.nanoTime();
    ask(target, keepBody);
  }

  private void later(double ms) {
    var _ = loop().eventLoop().schedule(this::again, (long) ms, TimeUnit.MILLISECONDS);
  }

  private void again() {
    if (!ended()) {
      reload(false);
    }
  }
}
