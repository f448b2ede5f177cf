package dev.sluice.app.demo;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;

/** The address by which other machines reach this one, as well as can be told from here. */
final class ThisMachine {
  private ThisMachine() {}

  /** True for 0.0.0.0 and ::, which no URL can name. */
  static boolean wildcard(String bind) {
    try {
      return InetAddress.getByName(bind).isAnyLocalAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** An IPv4 address of an interface that is up, in the system's order; else loopback. */
  static String address() {
    try {
      List<NetworkInterface> interfaces =
          NetworkInterface.networkInterfaces()
              .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
              .toList();
      for (NetworkInterface each : interfaces) {
        if (each.isUp() && !each.isLoopback()) {
          for (InetAddress address : each.inetAddresses().toList()) {
            if (address instanceof Inet4Address && !address.isLinkLocalAddress()) {
              return address.getHostAddress();
            }
          }
        }
      }
    } catch (SocketException e) {
      return "127.0.0.1";
    }
    return "127.0.0.1";
  }
}
