package dev.sluice.cluster;

/** What a node does. */
public enum Role {
  /** Keeps files and takes in live streams. */
  ORIGIN,
  /** Serves viewers. */
  EDGE,
  /** Says where a viewer should go. */
  BALANCER
}
