package dev.sluice.chassis.control;

/** Whom a route is for. */
public enum Access {
  /** Whoever comes, pages of any site included. */
  VIEWER,
  /** Other servers of the fleet; no page of a browser. */
  NODE,
  /** The operator, who shows a token; no page of another site. */
  OPERATOR
}
