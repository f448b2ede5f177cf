package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives a probe the parts of a file it wants until it is done. Confined to the file's loop. */
public final class ProbeRun implements VodFile.Reader {
  private final VodFile file;
  private final FileProbe probe;
  private final Consumer<@Nullable String> onDone;
  private @Nullable CompositeByteBuf part;
  private boolean inside;
  private boolean again;

  private ProbeRun(VodFile file, FileProbe probe, Consumer<@Nullable String> onDone) {
    this.file = file;
    this.probe = probe;
    this.onDone = onDone;
  }

  /**
   * Runs a probe.
   *
   * @param onDone called on the loop, at once or later, with null or why the file cannot be read
   */
  public static void run(VodFile file, FileProbe probe, Consumer<@Nullable String> onDone) {
    new ProbeRun(file, probe, onDone).next();
  }

  /** One step after the other, without growing the stack when a file answers at once. */
  private void next() {
    again = true;
    if (inside) {
      return;
    }
    inside = true;
    while (again) {
      again = false;
      if (probe.done()) {
        onDone.accept(null);
        return;
      }
      long have = part == null ? 0 : part.readableBytes();
      long end = Math.min(file.length(), probe.position() + probe.bytes());
      file.read(probe.position() + have, (int) (end - probe.position() - have), this);
    }
    inside = false;
  }

  @Override
  public void bytes(ByteBuf bytes) {
    CompositeByteBuf so = part;
    if (so == null) {
      so = ByteBufAllocator.DEFAULT.compositeBuffer(128);
      part = so;
    }
    so.addComponent(true, bytes);
    long end = Math.min(file.length(), probe.position() + probe.bytes());
    if (probe.position() + so.readableBytes() >= end) {
      part = null;
      ByteBuf whole = so.numComponents() == 1 ? so.retain() : Unpooled.copiedBuffer(so);
      so.release();
      try {
        probe.look(whole);
      } finally {
        whole.release();
      }
    }
    next();
  }

  @Override
  public void failed(String why) {
    if (part != null) {
      part.release();
      part = null;
    }
    onDone.accept(why);
  }
}
