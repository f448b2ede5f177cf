package dev.sluice.app;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The line on stdout that says a server serves; scripts and tests wait for it. */
final class ReadyLine {
  private final StringBuilder line = new StringBuilder("ready");

  ReadyLine(String role, String id) {
    line.append(" role=").append(role).append(" id=").append(id);
  }

  /** Adds {@code name=HOST:PORT}; nothing for a listener that the server does not have. */
  ReadyLine with(String name, @Nullable InetSocketAddress address) {
    if (address != null) {
      String host = address.getAddress().getHostAddress();
      line.append(' ').append(name).append('=');
      line.append(host.indexOf(':') >= 0 ? "[" + host + "]" : host);
      line.append(':').append(address.getPort());
    }
    return this;
  }

  @Override
  public String toString() {
    return line.toString();
  }
}
