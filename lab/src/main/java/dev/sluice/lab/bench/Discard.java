package dev.sluice.lab.bench;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Takes what a socket has received off it without copying: {@code recv(fd, NULL, 1 MiB,
 * MSG_TRUNC)}, which TCP answers by dropping the bytes (tcp(7)).
 */
final class Discard {
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final long AT_MOST = 1 << 20;
  private static final MethodHandle RECV = recv();

  private Discard() {}

  /** Bytes dropped; 0 at the end of the stream; below 0 when a plain read has to tell why not. */
  static long receive(Socket socket) throws IOException {
    try {
      return (long)
          RECV.invokeExact(
              socket.intValue(), MemorySegment.NULL, AT_MOST, MSG_TRUNC | MSG_DONTWAIT);
    } catch (Throwable e) {
      throw new IOException("recv could not be called", e);
    }
  }

  @SuppressWarnings("restricted") // jvm.flags enables native access
  private static MethodHandle recv() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().find("recv").orElseThrow(),
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT),
        Linker.Option.critical(false));
  }
}
