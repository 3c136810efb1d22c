package io.nioring.consumer.jdk;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Blocking channels of virtual threads, all of them on one carrier: a pinned one would hang. */
class VirtualThreadChannelsTest extends BlockingChannelsTest {
  @Override
  ExecutorService threads() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }
}
