package dev.sluice.lab.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A viewer that remembers. */
final class SeenMessages implements PlayProtocol.Peer {
  final List<String> messages = new ArrayList<>();
  final List<byte[]> sent = new ArrayList<>();
  String failure = "";

  @Override
  public void message(int type, long timestampMs, int length, byte[] head, int headBytes) {
    int hash = Arrays.hashCode(Arrays.copyOf(head, headBytes));
    messages.add(type + "@" + timestampMs + " " + length + " " + headBytes + " " + hash);
  }

  @Override
  public void send(byte[] bytes) {
    sent.add(bytes);
  }

  @Override
  public void fail(String reason) {
    failure = reason;
  }
}
