/** A program that uses nioring. */
module io.nioring.consumer.modules {
  requires io.nioring;
}
