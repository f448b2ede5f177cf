package dev.sluice.edge.live;

/** What an edge keeps ready beside the upstream that a stream comes from. */
public enum Standby {
  /** Nothing: another upstream is connected to when one is lost. */
  OFF,
  /** A connection on which the stream only has to be asked for. */
  CONNECTED,
  /** The stream itself, a second time: no frame is lost, for twice the traffic to the upstreams. */
  PULLED
}
