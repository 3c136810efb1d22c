package io.nioring.internal.names;

/**
 * The requests that wait for room in a listener's queue, in the order of their arrival. Guarded by
 * the listener's lock.
 *
 * <p>A list through the requests themselves: a withdrawn one is found without a search, and none
 * needs memory to leave, since a listener is also closed where there is none.
 */
final class WaitingRequests {
  private ConnectRequest first;
  private ConnectRequest last;

  boolean isEmpty() {
    return first == null;
  }

  /** The one that has waited longest; null if there is none. */
  ConnectRequest first() {
    return first;
  }

  /** Adds one that is in no list. */
  void add(ConnectRequest request) {
    request.before = last;
    if (last == null) {
      first = request;
    } else {
      last.after = request;
    }
    last = request;
  }

  /** Removes one; does nothing if it is not in the list. */
  void remove(ConnectRequest request) {
    if (request.before == null && request != first) {
      return;
    }
    if (request.before == null) {
      first = request.after;
    } else {
      request.before.after = request.after;
    }
    if (request.after == null) {
      last = request.before;
    } else {
      request.after.before = request.before;
    }
    request.before = null;
    request.after = null;
  }
}
