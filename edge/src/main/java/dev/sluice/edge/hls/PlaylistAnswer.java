package dev.sluice.edge.hls;

import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistException;
import dev.sluice.media.hls.PlaylistReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects a playlist that an origin sends. Confined to its loop. */
final class PlaylistAnswer implements HttpClientHandler {
  private static final Logger log = LoggerFactory.getLogger(PlaylistAnswer.class);
  private static final int MOST_BYTES = 4 << 20;

  private final Consumer<@Nullable MediaPlaylist> told;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private @Nullable HttpClientCall call;
  private boolean done;

  /**
   * Nothing has come.
   *
   * @param told called once; null when no playlist comes
   */
  PlaylistAnswer(Consumer<@Nullable MediaPlaylist> told) {
    this.told = told;
  }

  /** The call whose answer this takes. */
  void of(HttpClientCall sent) {
    call = sent;
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (status != 200) {
      giveUp();
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (done) {
      return;
    }
    if (text.size() + borrowed.readableBytes() > MOST_BYTES) {
      giveUp();
      return;
    }
    text.writeBytes(ByteBufUtil.getBytes(borrowed));
  }

  private void giveUp() {
    HttpClientCall running = call;
    if (running != null) {
      running.cancel();
    }
    finish(null);
  }

  @Override
  public void end() {
    MediaPlaylist playlist = null;
    try {
      playlist = PlaylistReader.read(text.toString(StandardCharsets.UTF_8));
    } catch (PlaylistException e) {
      if (!done) {
        log.warn("hls playlist refused reason={} said=\"{}\"", e.reason().word(), e.getMessage());
      }
    }
    finish(playlist);
  }

  @Override
  public void failed(HttpClientException cause) {
    finish(null);
  }

  private void finish(@Nullable MediaPlaylist playlist) {
    if (!done) {
      done = true;
      told.accept(playlist);
    }
  }
}
