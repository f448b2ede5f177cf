package dev.sluice.media.live;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A line between a client and a server that a test can break. Carries one connection. */
final class CutLine implements AutoCloseable {
  private final ServerSocket entry;
  private final int to;
  private final List<Socket> ends = new CopyOnWriteArrayList<>();
  private volatile boolean frozen;

  CutLine(int to) throws IOException {
    this.entry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    this.to = to;
    Thread.ofVirtual().start(this::carry);
  }

  int port() {
    return entry.getLocalPort();
  }

  private void carry() {
    try {
      Socket client = entry.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
      ends.add(client);
      ends.add(server);
      Thread.ofVirtual().start(() -> pipe(server, client));
      pipe(client, server);
    } catch (IOException e) {
      // closed by the test
    }
  }

  private void pipe(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      for (int n; (n = in.read(buffer)) >= 0; ) {
        if (!frozen) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // cut
    }
  }

  /** Both ends see the connection close. */
  void cut() throws IOException {
    for (Socket end : ends) {
      end.close();
    }
  }

  /** Nothing gets through any more and nobody is told. */
  void freeze() {
    frozen = true;
  }

  @Override
  public void close() throws IOException {
    entry.close();
    cut();
  }
}
