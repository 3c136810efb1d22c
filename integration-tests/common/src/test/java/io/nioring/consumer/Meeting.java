package io.nioring.consumer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where requests wait for one another, so that all of their connections are open at once. */
public final class Meeting {
  private final int size;
  private final Runnable whenAllAreThere;
  private final List<CompletableFuture<Void>> waiting = new ArrayList<>();

  /** A meeting of so many; the action runs once while all of them wait. */
  public Meeting(int size, Runnable whenAllAreThere) {
    this.size = size;
    this.whenAllAreThere = whenAllAreThere;
  }

  /** One more is there; what is given back completes when everybody is. */
  public CompletableFuture<Void> arrive() {
    CompletableFuture<Void> own = new CompletableFuture<>();
    List<CompletableFuture<Void>> all;
    synchronized (this) {
      waiting.add(own);
      if (waiting.size() < size) {
        return own;
      }
      all = List.copyOf(waiting);
      waiting.clear();
    }
    try {
      whenAllAreThere.run();
      all.forEach(one -> one.complete(null));
    } catch (Throwable e) { // an assertion's too
      all.forEach(one -> one.completeExceptionally(e));
    }
    return own;
  }
}
