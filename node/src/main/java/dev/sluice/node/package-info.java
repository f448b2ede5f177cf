/**
 * What every media node is, whatever its kind: who it is, what it listens on and tells others, its
 * heartbeats, its drain, what operators ask and order. {@link dev.sluice.node.NodeServer} puts it
 * together and reads like a table of contents; {@link dev.sluice.node.NodeKind} is what an edge and
 * an origin implement to add what makes them one; {@link dev.sluice.node.NodeConfig} has the
 * settings that both have.
 *
 * <p>Threading: nothing here is on a data path.
 *
 * <p>May import {@code media}, {@code chassis} and {@code cluster}.
 */
@NullMarked
package dev.sluice.node;

import org.jspecify.annotations.NullMarked;
