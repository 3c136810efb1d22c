package io.nioring.consumer.jdk;

import java.net.http.HttpClient;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's HTTP server and client on virtual threads. */
class VirtualThreadHttpServerTest extends JdkHttpServerTest {
  @Override
  ExecutorService executor() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }

  @Override
  protected HttpClient.Builder client() {
    return super.client().executor(Executors.newVirtualThreadPerTaskExecutor());
  }
}
