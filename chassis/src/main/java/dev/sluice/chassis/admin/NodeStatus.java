package dev.sluice.chassis.admin;

import java.util.Map;

/** What a server says of itself. Asked from virtual threads at any time once it listens. */
public interface NodeStatus {

  /** The node's name, which tells a probe whom it reached. */
  String id();

  /** When its process started, milliseconds since 1970: tells a probe which process it reached. */
  long epoch();

  /** Empty if it may take viewers, else why not: {@code starting}, {@code draining}. */
  String whyNotReady();

  /**
   * Id, role, region, version, uptime, state, addresses, load: what {@code /api/node} answers. Any
   * values that Jackson writes.
   */
  Map<String, ?> node();
}
