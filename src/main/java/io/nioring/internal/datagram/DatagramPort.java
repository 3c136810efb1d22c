package io.nioring.internal.datagram;

import java.util.Arrays;

/**
 * The names bound to one UDP port: a list that is replaced as a whole, the latest name first.
 *
 * <p>Changed only by {@link DatagramNames}, under the map's lock of the port. Senders cache the
 * port: the list is a new object whenever anything has changed, and stays empty once the port was
 * removed from the map. An empty list must not be cached: the next socket gets another port.
 */
final class DatagramPort {
  static final DatagramBinding[] NOBODY = {};

  private volatile DatagramBinding[] bindings;

  DatagramPort(DatagramBinding first) {
    bindings = new DatagramBinding[] {first};
  }

  DatagramBinding[] bindings() {
    return bindings;
  }

  boolean collides(DatagramBinding added) {
    for (DatagramBinding each : bindings) {
      if (each.collidesWith(added)) {
        return true;
      }
    }
    return false;
  }

  void add(DatagramBinding added) {
    DatagramBinding[] old = bindings;
    DatagramBinding[] more = new DatagramBinding[old.length + 1];
    more[0] = added;
    System.arraycopy(old, 0, more, 1, old.length);
    bindings = more;
  }

  /** Puts a name, as the latest, in the list for another one. */
  void replace(DatagramBinding before, DatagramBinding after) {
    DatagramBinding[] changed = new DatagramBinding[bindings.length];
    int next = 0;
    changed[next++] = after;
    for (DatagramBinding each : bindings) {
      if (each != before) {
        changed[next++] = each;
      }
    }
    bindings = changed;
  }

  /** Puts a name in another one's place. */
  void exchange(DatagramBinding before, DatagramBinding after) {
    DatagramBinding[] changed = bindings.clone();
    for (int i = 0; i < changed.length; i++) {
      if (changed[i] == before) {
        changed[i] = after;
      }
    }
    bindings = changed;
  }

  /** Removes a name; returns whether none is left. */
  boolean remove(DatagramBinding removed) {
    DatagramBinding[] old = bindings;
    if (old.length == 1 && old[0] == removed) {
      bindings = NOBODY;
      return true;
    }
    int kept = 0;
    DatagramBinding[] fewer = new DatagramBinding[old.length];
    for (DatagramBinding each : old) {
      if (each != removed && !each.isReleased()) {
        fewer[kept++] = each;
      }
    }
    bindings = kept == 0 ? NOBODY : Arrays.copyOf(fewer, kept);
    return kept == 0;
  }
}
