package dev.sluice.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Loopback addresses that edges of the demo have for themselves, as real ones would. */
final class OwnAddress {
  /** HTTP there. */
  static final int HTTP = 8090;

  /** RTMP there: the standard port, as DNS names no ports. */
  static final int RTMP = 1935;

  private OwnAddress() {}

  /** True if both ports can be listened on; not on macOS, which has 127.0.0.1 only. */
  static boolean usable(String address) {
    return free(address, HTTP) && free(address, RTMP);
  }

  private static boolean free(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
