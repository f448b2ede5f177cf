package dev.sluice.edge.hls;

import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects a short text that an origin sends. Confined to its loop. */
final class TextAnswer implements HttpClientHandler {
  private final int mostBytes;
  private final Consumer<@Nullable String> told;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private @Nullable HttpClientCall call;
  private boolean done;

  /**
   * Nothing has come.
   *
   * @param mostBytes a longer one is given up
   * @param told called once; null when none comes
   */
  TextAnswer(int mostBytes, Consumer<@Nullable String> told) {
    this.mostBytes = mostBytes;
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
    if (text.size() + borrowed.readableBytes() > mostBytes) {
      giveUp();
      return;
    }
    text.writeBytes(ByteBufUtil.getBytes(borrowed));
  }

  /** Nothing more of it is wanted. */
  void giveUp() {
    HttpClientCall running = call;
    if (running != null) {
      running.cancel();
    }
    finish(null);
  }

  @Override
  public void end() {
    finish(text.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void failed(HttpClientException cause) {
    finish(null);
  }

  private void finish(@Nullable String whole) {
    if (!done) {
      done = true;
      told.accept(whole);
    }
  }
}
