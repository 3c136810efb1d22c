package io.nioring.consumer.nio2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mongodb.reactivestreams.client.MongoClient;
import com.mongodb.reactivestreams.client.MongoClients;
import com.mongodb.reactivestreams.client.MongoCollection;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.bson.Document;
import org.bson.types.Binary;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** MongoDB's reactive driver, which without TLS is on asynchronous channels, at a fake server. */
class MongoTest {
  private static final int SMALL = 100;

  @Test
  void documentsAreInsertedAndFound() throws Exception {
    try (Wire wire = Wire.watch();
        FakeMongo server = new FakeMongo();
        MongoClient client =
            MongoClients.create(
                "mongodb://"
                    + Loopback.URL_HOST
                    + ":"
                    + server.port()
                    + "/?directConnection=true")) {
      MongoCollection<Document> things = client.getDatabase("test").getCollection("things");
      for (int i = 0; i < SMALL; i++) {
        Document thing = new Document("no", i);
        assertTrue(first(things.insertOne(thing)).wasAcknowledged());
        assertEquals(i, first(things.find()).getInteger("no"));
      }
      byte[] large = Payload.ofSize(Payload.LARGE);
      first(things.insertOne(new Document("bytes", new Binary(large))));
      assertArrayEquals(large, first(things.find()).get("bytes", Binary.class).getData());
      wire.ringsCarried(2, 2L * large.length);
    }
  }

  private static <T> T first(Publisher<T> publisher) throws InterruptedException {
    AtomicReference<T> first = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    publisher.subscribe(
        new Subscriber<>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(T next) {
            first.compareAndSet(null, next);
          }

          @Override
          public void onError(Throwable thrown) {
            failure.set(thrown);
            done.countDown();
          }

          @Override
          public void onComplete() {
            done.countDown();
          }
        });
    assertTrue(done.await(60, TimeUnit.SECONDS), "no answer");
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    return first.get();
  }
}
